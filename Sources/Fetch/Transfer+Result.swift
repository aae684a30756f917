internal import CCurl
internal import WebURL

extension Transfer {
    /// What became of the transfer, once libcurl says that it is done.
    func result(of code: CURLcode) -> Result<FetchResponse, FetchError> {
        // A body that was cut ends the transfer with an error, whose code depends on the HTTP version: it is our doing.
        if code == CURLE_OK || collected.isTruncated { return .success(response()) }
        if collected.hasTooManyHeaders {
            return .failure(error(.tooLarge, "The response headers are larger than allowed."))
        }
        if let refusal, code == CURLE_COULDNT_CONNECT {
            return .failure(
                error(.addressRefused, "The host resolves to an address that is refused: \(refusal.rawValue)."))
        }
        let kind = kind(of: code)
        return .failure(error(kind, "\(errorText.isEmpty ? "libcurl failed with code \(code.rawValue)" : errorText)."))
    }

    private func kind(of code: CURLcode) -> FetchError.Code {
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .dnsFailure
        case CURLE_COULDNT_CONNECT: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS:
            .tlsFailed
        case CURLE_OPERATION_TIMEDOUT: errorText.hasPrefix("Operation too slow") ? .tooSlow : .timeout
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR: .connectionLost
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2, CURLE_HTTP2_STREAM,
            CURLE_UNSUPPORTED_PROTOCOL:
            .protocolError
        case CURLE_URL_MALFORMAT: .invalidRequest
        default: .internalError
        }
    }

    private func response() -> FetchResponse {
        FetchResponse(
            url: request.url, status: number(CURLINFO_RESPONSE_CODE), headers: collected.headers, body: collected.body,
            isTruncated: collected.isTruncated, remoteAddress: remoteAddress, httpVersion: httpVersion,
            timings: FetchTimings(
                connect: .microseconds(offset(CURLINFO_CONNECT_TIME_T)),
                firstByte: .microseconds(offset(CURLINFO_STARTTRANSFER_TIME_T)),
                total: .microseconds(offset(CURLINFO_TOTAL_TIME_T))),
            wireBytes: number(CURLINFO_HEADER_SIZE) + offset(CURLINFO_SIZE_DOWNLOAD_T),
            reusedConnection: number(CURLINFO_NUM_CONNECTS) == 0)
    }

    private var httpVersion: String {
        switch number(CURLINFO_HTTP_VERSION) {
        case Int(CURL_HTTP_VERSION_1_0): "1.0"
        case Int(CURL_HTTP_VERSION_2_0): "2"
        case Int(CURL_HTTP_VERSION_3): "3"
        default: "1.1"
        }
    }

    private var remoteAddress: IPAddress? {
        var text: UnsafePointer<CChar>?
        guard unsafe wr_curl_get_string(easy, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text = unsafe text else {
            return nil
        }
        // The text belongs to the handle.
        return IPAddress(unsafe String(cString: text))
    }

    private func number(_ info: CURLINFO) -> Int {
        var value = 0
        return unsafe wr_curl_get_long(easy, info, &value) == CURLE_OK ? value : 0
    }

    private func offset(_ info: CURLINFO) -> Int {
        var value: curl_off_t = 0
        return unsafe wr_curl_get_offset(easy, info, &value) == CURLE_OK ? Int(value) : 0
    }
}
