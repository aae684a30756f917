/// The type numbers of PostgreSQL's own types (`pg_type.dat`; fixed for ever).
enum PostgresType {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let char: UInt32 = 18
    static let name: UInt32 = 19
    static let int8: UInt32 = 20
    static let int2: UInt32 = 21
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let oid: UInt32 = 26
    static let xid: UInt32 = 28
    static let json: UInt32 = 114
    static let float4: UInt32 = 700
    static let float8: UInt32 = 701
    static let unknown: UInt32 = 705
    static let bpchar: UInt32 = 1042
    static let varchar: UInt32 = 1043
    static let date: UInt32 = 1082
    static let timestamp: UInt32 = 1114
    static let timestamptz: UInt32 = 1184
    static let numeric: UInt32 = 1700
    static let void: UInt32 = 2278
    static let uuid: UInt32 = 2950
    static let jsonb: UInt32 = 3802
    static let xid8: UInt32 = 5069

    static let boolArray: UInt32 = 1000
    static let byteaArray: UInt32 = 1001
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let float8Array: UInt32 = 1022
    static let timestamptzArray: UInt32 = 1185
    static let uuidArray: UInt32 = 2951
    static let jsonbArray: UInt32 = 3807

    /// The element type of an array type whose elements this module reads in binary form.
    static func element(ofArray type: UInt32) -> UInt32? {
        switch type {
        case boolArray: bool
        case byteaArray: bytea
        case 1002: char
        case 1003: name
        case 1005: int2
        case 1007: int4
        case textArray: text
        case int8Array: int8
        case 1014: bpchar
        case 1015: varchar
        case 1021: float4
        case float8Array: float8
        case 1028: oid
        case 199: json
        case 1115: timestamp
        case 1182: date
        case timestamptzArray: timestamptz
        case 1231: numeric
        case uuidArray: uuid
        case jsonbArray: jsonb
        case 271: xid8
        default: nil
        }
    }

    /// Whether values of the type are read in binary form. A result with a column of any other type is asked for as
    /// text.
    static func isReadInBinary(_ type: UInt32) -> Bool {
        switch type {
        case bool, bytea, char, name, int8, int2, int4, text, oid, xid, json, float4, float8, unknown, bpchar,
            varchar, date, timestamp, timestamptz, numeric, void, uuid, jsonb, xid8:
            true
        default: element(ofArray: type) != nil
        }
    }
}
