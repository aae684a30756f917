import Compression
import Testing

private let prose = Array(String(repeating: "The council met on Tuesday. ", count: 500).utf8)

@Suite struct ZstdTests {
    @Test(arguments: [0, 1, 17, 14_000])
    func roundTrips(_ length: Int) throws {
        let bytes = Array(prose.prefix(length))
        let packed = try Zstd.compress(bytes, level: 6)
        #expect(try Zstd.decompress(packed, maximumBytes: length) == bytes)
    }

    @Test func makesTheSameFrameWhateverWasMadeBefore() throws {
        let small = Array(prose.prefix(5_000))
        let large = Array(repeating: prose, count: 200).flatMap(\.self)
        let first = try Zstd.compress(small, level: 1)
        for (bytes, level) in [(large, 19), (large, 1), ([], 1), (small, 3), (large, 3)] {
            let packed = try Zstd.compress(bytes, level: level)
            #expect(try Zstd.decompress(packed, maximumBytes: bytes.count) == bytes)
            #expect(try Zstd.compress(small, level: 1) == first)
        }
    }

    @Test func readsFramesThatFollowOneAnother() throws {
        let packed = try Zstd.compress(prose) + Zstd.compress(prose)
        #expect(try Zstd.decompress(packed, maximumBytes: 100_000) == prose + prose)
    }

    @Test func refusesWhatIsTooLarge() throws {
        let packed = try Zstd.compress([UInt8](repeating: 0, count: 50_000_000))
        #expect { try Zstd.decompress(packed, maximumBytes: 1_000_000) } throws: { error in
            (error as? CompressionError)?.code == .tooLarge
        }
        let second = try Zstd.compress([1]) + packed
        #expect { try Zstd.decompress(second, maximumBytes: 1_000_000) } throws: { error in
            (error as? CompressionError)?.code == .tooLarge
        }
    }

    @Test func refusesWhatIsDamaged() throws {
        var packed = try Zstd.compress(prose)
        packed[packed.count - 1] ^= 0xFF
        for bytes in [packed, Array("no frame".utf8), [], Array(packed.dropLast(9))] {
            #expect(throws: CompressionError.self) { try Zstd.decompress(bytes, maximumBytes: 100_000) }
        }
    }
}

@Suite struct GzipTests {
    @Test(arguments: [0, 1, 17, 14_000])
    func roundTrips(_ length: Int) throws {
        let bytes = Array(prose.prefix(length))
        let packed = try Gzip.compress(bytes)
        #expect(Gzip.isGzip(packed))
        #expect(try Gzip.decompress(packed, maximumBytes: length) == bytes)
    }

    @Test func readsZlibAndRawDeflate() throws {
        let zlib: [UInt8] = [
            0x78, 0x9C, 0xCB, 0xCB, 0x2F, 0x4F, 0x2D, 0xD2, 0xCD, 0xCB, 0x2C, 0x2E, 0xC9, 0x2F, 0x07, 0x00,
        ]
        let raw = try Array(Gzip.compress(prose).dropFirst(10).dropLast(8))
        #expect(try Gzip.decompress(raw, maximumBytes: 100_000) == prose)
        let text = try Gzip.decompress(zlib, maximumBytes: 100, acceptsTruncation: true)
        #expect(!text.isEmpty)
    }

    @Test func readsMembersAndIgnoresPadding() throws {
        let packed = try Gzip.compress(prose) + Gzip.compress(Array("end".utf8)) + [0, 0, 0]
        #expect(try Gzip.decompress(packed, maximumBytes: 100_000) == prose + Array("end".utf8))
    }

    @Test func stopsABomb() throws {
        let packed = try Gzip.compress([UInt8](repeating: 0, count: 50_000_000))
        #expect { try Gzip.decompress(packed, maximumBytes: 1_000_000) } throws: { error in
            (error as? CompressionError)?.code == .tooLarge
        }
    }

    @Test func givesTheBeginningOfTruncatedDataOnRequest() throws {
        let packed = try Gzip.compress(prose)
        let half = Array(packed.prefix(packed.count - 20))
        #expect { try Gzip.decompress(half, maximumBytes: 100_000) } throws: { error in
            (error as? CompressionError)?.code == .truncated
        }
        let text = try Gzip.decompress(half, maximumBytes: 100_000, acceptsTruncation: true)
        #expect(prose.starts(with: text))
    }

    @Test func streamTakesOneByteAtATime() throws {
        let packed = try Gzip.compress(prose) + Gzip.compress(prose)
        var stream = try InflateStream()
        var output: [UInt8] = []
        for byte in packed {
            var position = 0
            output += try stream.decompress([byte], from: &position, maximumOutput: 1 << 20)
        }
        #expect(output == prose + prose)
        let isComplete = stream.isAtMemberEnd
        #expect(isComplete)
    }

    @Test func streamHonoursItsOutputLimit() throws {
        let packed = try Gzip.compress(prose)
        var stream = try InflateStream()
        var position = 0
        var output: [UInt8] = []
        while !stream.isAtMemberEnd {
            let piece = try stream.decompress(packed, from: &position, maximumOutput: 100)
            #expect(piece.count <= 100)
            output += piece
        }
        #expect(output == prose)
    }
}
