import AdminHTTP
import Logging
import Model
import Operations

/// Where a worker serves metrics and health.
///
/// Setting: `admin.listen`, an address such as `127.0.0.1:9464`, `[::]:9464`, or `none`. Without it a worker takes its
/// stage's port on 127.0.0.1, or any free one where another worker has that.
struct AdminPort {
    /// The ports of the stages, next to each other.
    static let ports: [StageName: Int] = [.crawl: 9461, .parse: 9462, .classify: 9463, .index: 9464]

    /// The address; `nil` for nowhere.
    private let address: AdminAddress?
    /// Whether the address is the default, which may be taken.
    private let isDefault: Bool

    init(_ settings: Settings, stage: StageName) throws {
        guard let text = settings.text("admin.listen") else {
            address = AdminAddress(host: "127.0.0.1", port: Self.ports[stage] ?? 0)
            isDefault = true
            return
        }
        isDefault = false
        guard text != "none" else {
            address = nil
            return
        }
        guard let address = AdminAddress(text) else {
            throw SettingsError(
                key: "admin.listen", message: "\(text) is neither none nor a numeric address with a port")
        }
        self.address = address
    }

    /// Takes the port.
    func open(_ pages: AdminPages, logger: Logger) throws -> AdminListener? {
        guard let address else { return nil }
        let listener: AdminListener
        do {
            listener = try AdminListener(address) { pages.page($0) }
        } catch {
            guard isDefault, error.isAddressInUse else {
                throw SettingsError(key: "admin.listen", message: error.description)
            }
            listener = try AdminListener(AdminAddress(host: address.host, port: 0)) { pages.page($0) }
        }
        logger.notice("Serving metrics and health", metadata: ["admin.address": "\(listener.address)"])
        return listener
    }
}
