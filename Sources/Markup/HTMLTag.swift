/// The elements that Wireroom tells apart; everything else is ``other``.
///
/// The order carries meaning: phrasing (inline) elements stand together, see ``isInline``.
public enum HTMLTag: UInt8, Sendable, CaseIterable {
    /// A run of text; not an element.
    case text
    /// An element without a case of its own; laid out inline unless it holds block elements.
    case other

    // Phrasing elements.
    case a, abbr, acronym, b, bdi, bdo, big, cite, code, data, del, dfn, em, font, i, ins, kbd, label, mark, nobr, q,
        ruby
    case rp, rt, s, samp, small, span, strike, strong, sub, sup, time, tt, u, `var`, wbr, img, picture, source, br

    // Blocks of text.
    case p, h1, h2, h3, h4, h5, h6, li, blockquote, pre, dd, dt, figcaption, caption, summary, address

    // Structure.
    case html, head, body, main, article, section, div, header, footer, nav, aside, hgroup, center, ul, ol, dl, menu,
        figure
    case details, hr, search, dialog, fieldset, legend, form, table, thead, tbody, tfoot, tr, td, th, colgroup, col

    // Not text.
    case script, style, noscript, template, title, meta, link, base, iframe, frame, frameset, noframes, object, embed,
        applet
    case param, video, audio, track, canvas, map, area, svg, math, button, input, select, option, optgroup, textarea
    case datalist, output, progress, meter

    /// Whether the element flows inside a line, so that it does not end a block of text.
    @inlinable public var isInline: Bool { rawValue <= HTMLTag.br.rawValue }

    /// Whether the element is a heading, `h1` to `h6`.
    @inlinable public var isHeading: Bool { rawValue >= HTMLTag.h1.rawValue && rawValue <= HTMLTag.h6.rawValue }

    /// A heading's level, 1 to 6, or `nil`.
    public var headingLevel: Int? { isHeading ? Int(rawValue - HTMLTag.h1.rawValue) + 1 : nil }

    /// The tag of a name in lower case.
    static func named(_ key: NameTable.Key) -> HTMLTag {
        names.value(key).flatMap(HTMLTag.init) ?? .other
    }

    private static let names = NameTable(allCases.dropFirst(2).map { (String(describing: $0), $0.rawValue) })
}

/// The attributes that Wireroom reads; the others are not kept.
public enum HTMLAttributeName: UInt8, Sendable, CaseIterable {
    case `class`, id, href, src, srcset, alt, title, name, property, content, rel, type, lang, charset, datetime, role,
        style
    case hidden, itemprop, itemtype, itemscope, itemid, value, cite, media, sizes, width, height, pubdate, about, typeof
    case ariaHidden, ariaLabel, ariaModal, httpEquiv, xmlLang, hreflang
    case dataSrc, dataTestid, dataComponent, dataType, dataModule, dataDate, dataTimestamp, dataDatetime, dataTime,
        dataAuthor
    case dataName, dataQa, dataBlock, dataNosnippet

    static let names = NameTable(allCases.map { ($0.htmlName, $0.rawValue) })

    /// The attribute's name in HTML: camel case stands for hyphens.
    var htmlName: String {
        if self == .xmlLang { return "xml:lang" }
        var name = ""
        for character in String(describing: self) {
            if character.isUppercase { name.append("-") }
            name.append(contentsOf: character.lowercased())
        }
        return name
    }
}

extension HTMLTag {
    /// The element of a name in lower case, or `nil` for one that Wireroom does not tell apart.
    public init?(elementName name: String) {
        var key = NameTable.Key()
        for byte in name.utf8 { key.append(byte) }
        let tag = Self.named(key)
        guard tag != .other else { return nil }
        self = tag
    }
}

extension HTMLAttributeName {
    /// The attribute of a name as it stands in HTML, such as `data-type`, or `nil` for one that is not kept.
    public init?(attributeName name: String) {
        var key = NameTable.Key()
        for byte in name.utf8 { key.append(byte) }
        guard let value = Self.names.value(key), let found = HTMLAttributeName(rawValue: value) else { return nil }
        self = found
    }
}
