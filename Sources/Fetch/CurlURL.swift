internal import CCurl
internal import WebURL

/// Compares libcurl's reading of a URL with ours, since a difference between two parsers is a way around the guard.
enum CurlURL {
    /// Whether libcurl sees the same scheme, host and port in `url` as ``ParsedURL`` does.
    static func agrees(with url: ParsedURL) -> Bool {
        guard let handle = unsafe curl_url() else { return false }
        defer { unsafe curl_url_cleanup(handle) }
        guard unsafe curl_url_set(handle, CURLUPART_URL, url.href, UInt32(CURLU_PATH_AS_IS)) == CURLUE_OK else {
            return false
        }
        return unsafe part(CURLUPART_SCHEME, of: handle) == url.scheme && part(CURLUPART_HOST, of: handle) == url.host
            && part(CURLUPART_PORT, of: handle) == url.effectivePort.map(String.init)
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(handle, part, &text, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let text = unsafe text
        else {
            return nil
        }
        // libcurl allocated the text and leaves it to us.
        defer { unsafe curl_free(text) }
        return unsafe String(cString: text)
    }
}
