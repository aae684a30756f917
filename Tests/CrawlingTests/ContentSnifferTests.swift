import Testing

@testable import Crawling

struct ContentSnifferTests {
    @Test(arguments: [
        ("%PDF-1.4", "application/pdf"), ("GIF89a", "image/gif"), ("RIFF....WEBPVP8 ", "image/webp"),
        ("PK\u{3}\u{4}", "application/zip"),
        ("....ftypmp42", "video/mp4"), ("ID3\u{4}", "audio/mpeg"), ("OggS", "audio/ogg"), ("wOF2", "font/woff2"),
        ("text with a \0 in it", "application/octet-stream"),
    ])
    func recognisesWhatHoldsNoText(text: String, kind: String) {
        #expect(ContentSniffer.kindWithoutText(Array(text.utf8), contentType: "text/html") == kind)
    }

    @Test(arguments: [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] as [UInt8], "image/png"),
        ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
        ([0x1F, 0x8B, 0x08, 0], "application/gzip"), ([0x1A, 0x45, 0xDF, 0xA3], "video/webm"),
    ])
    func recognisesBinarySignatures(bytes: [UInt8], kind: String) {
        #expect(ContentSniffer.kindWithoutText(bytes, contentType: nil) == kind)
    }

    @Test(arguments: ["", "%PD", "<html>", "Plain text", " %PDF-1.4", "The PK of it"]) func takesTextAsText(
        text: String
    ) {
        #expect(ContentSniffer.kindWithoutText(Array(text.utf8), contentType: "text/html") == nil)
        // A wrong label that could still be a page does not count.
        #expect(ContentSniffer.kindWithoutText(Array(text.utf8), contentType: "application/octet-stream") == nil)
    }

    @Test func takesUTF16WithAMarkAsText() {
        #expect(ContentSniffer.kindWithoutText([0xFF, 0xFE, 0x3C, 0, 0x70, 0], contentType: nil) == nil)
        #expect(ContentSniffer.kindWithoutText([0xFE, 0xFF, 0, 0x3C, 0, 0x70], contentType: nil) == nil)
    }

    @Test(arguments: [
        ("image/svg+xml", "image/svg+xml"), (" Audio/MPEG ; x=1", "audio/mpeg"), ("video/mp4", "video/mp4"),
        ("font/ttf", "font/ttf"),
    ])
    func believesALabelWhereTheBytesSayNothing(label: String, kind: String) {
        #expect(ContentSniffer.kindWithoutText(Array("x".utf8), contentType: label) == kind)
    }
}
