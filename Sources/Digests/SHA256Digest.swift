internal import CCrypto

/// SHA-256 (FIPS 180-4) by OpenSSL's libcrypto.
public enum SHA256Digest {
    /// The 32 bytes of the digest.
    public static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        // Both buffers are lent for the call only; the one-shot function fails for nothing but a null output.
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe result.withUnsafeMutableBufferPointer { output in
                _ = unsafe SHA256(input.baseAddress, input.count, output.baseAddress)
            }
        }
        return result
    }
}
