/// Why a message ended without an article: nothing is wrong, there is nothing more to do.
public enum DropReason: String, Sendable, Codable, CaseIterable {
    /// The lease was taken back or given to another worker; its URLs are released again.
    case staleLease = "stale-lease"
    /// A newer revision took this one's place before the stage came to it.
    case superseded
    /// The row that the message points to was removed.
    case removed
    /// The page is a front, section or tag page.
    case listing
    /// The page is a search form or its results.
    case search
    /// The page is a login, consent or paywall page without the text.
    case login
    /// The page is an error page that was served as a document.
    case errorPage = "error-page"
    /// The page has too little text for an article.
    case tooShort = "too-short"
    /// The page has no text at all.
    case empty
    /// The content is of a kind that has no article in it, such as a picture or a PDF.
    case unsupportedContent = "unsupported-content"
    /// robots.txt does not allow the URL.
    case robotsDisallowed = "robots-disallowed"
    /// The page's `X-Robots-Tag` or meta robots asks to be left out, and the setting says to heed it.
    case robotsDirective = "robots-directive"
    /// The server says that there is no such page (404, 410 and other permanent client errors).
    case notFound = "not-found"
    /// The server refuses access (401, 403, 451).
    case accessDenied = "access-denied"
    /// The answer is larger than the cap for its kind.
    case tooLarge = "too-large"
    /// A redirect led out of what may be fetched: another scheme, a forbidden address, out of scope, or in a circle.
    case badRedirect = "bad-redirect"
    /// The host name resolves to an address that must not be contacted.
    case addressRefused = "address-refused"
    /// The URL redirects to one on another host, which goes its own way.
    case moved
    /// Fetching failed too often.
    case unreachable
    /// The URL looks like one of endlessly many.
    case urlTrap = "url-trap"
    /// The source's rules leave the URL out.
    case outOfScope = "out-of-scope"
    /// The page is another form of one that is fetched already: AMP, mobile, or the like.
    case twin

    /// Whether the drop says something about the URL itself, so that the URL is now in the state `dropped`.
    public var endsURL: Bool {
        switch self {
        case .staleLease, .superseded: false
        default: true
        }
    }
}

/// Why a message has to be tried again.
public enum RetryReason: String, Sendable, Codable, CaseIterable {
    /// The stage threw an error that may pass.
    case stageError = "stage-error"
    /// The row that the message points to is not there yet.
    case notYetVisible = "not-yet-visible"
    /// Something outside gave no answer in time.
    case timeout
}

/// Why a message was set aside for a human to look at.
public enum QuarantineReason: String, Sendable, Codable, CaseIterable {
    /// The bytes are not an envelope.
    case malformedMessage = "malformed-message"
    /// The envelope's type is not the stage's.
    case unknownType = "unknown-type"
    /// The envelope's major version is newer than this program.
    case unsupportedVersion = "unsupported-version"
    /// Every retry failed.
    case attemptsExhausted = "attempts-exhausted"
    /// The worker died three times while it had the message alone in hand.
    case crashedWorker = "crashed-worker"
    /// PostgreSQL refuses the values.
    case badData = "bad-data"
    /// The capture that the message points to is gone.
    case captureMissing = "capture-missing"
    /// The stored body cannot be read.
    case corruptCapture = "corrupt-capture"
    /// Taking the article out of the document took longer than one may take.
    case tooCostly = "too-costly"
    /// The broker gave up after too many deliveries.
    case deliveryLimit = "delivery-limit"
}
