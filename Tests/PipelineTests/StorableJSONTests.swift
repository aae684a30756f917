import Pipeline
import Testing

struct StorableJSONTests {
    @Test(arguments: [
        ("a\0b", #"["ab"]"#), ("\0", #"[""]"#), (#"a\u0000b"#, #"["a\\u0000b"]"#), (#"end\u0000"#, #"["end\\u0000"]"#),
        ("\\\0", #"["\\"]"#), ("\\\\\0u0000", #"["\\\\u0000"]"#), ("quote \" and /", #"["quote \" and /"]"#),
        ("\u{1}", #"["\u0001"]"#),
    ])
    func leavesNULOutAndBackslashesAlone(text: String, json: String) throws {
        #expect(try StorableJSON.text(of: [text]) == json)
    }
}
