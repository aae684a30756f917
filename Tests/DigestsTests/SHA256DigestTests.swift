import Digests
import Testing

@Suite struct SHA256DigestTests {
    private func hexadecimal(_ text: String) -> String {
        SHA256Digest.digest([UInt8](text.utf8)).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ]) func matchesTheStandardsExamples(text: String, digest: String) {
        #expect(hexadecimal(text) == digest)
    }
}
