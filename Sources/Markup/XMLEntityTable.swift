internal import CLibXML2

/// HTML's named characters, which feeds use as if XML had them.
enum XMLEntityTable {
    /// The scalar of a name of HTML 4, such as `nbsp` or `eacute`; `nil` when there is none.
    static func scalar(named name: String) -> Unicode.Scalar? {
        // The table is constant and belongs to the library.
        guard let found = unsafe htmlEntityLookup(name) else { return nil }
        return unsafe Unicode.Scalar(found.pointee.value)
    }
}
