/// The classes of elements that tree construction goes by (HTML standard, section 13.2.4.2 and following).
extension HTMLTag {
    /// Whether the element never has content of its own.
    var isVoid: Bool {
        switch self {
        case .area, .base, .br, .col, .embed, .hr, .img, .input, .link, .meta, .param, .source, .track, .wbr: true
        default: false
        }
    }

    /// Whether the element may stand in `head`.
    var isHeadContent: Bool {
        switch self {
        case .base, .link, .meta, .noscript, .script, .style, .template, .title, .head: true
        default: false
        }
    }

    /// Whether the start tag ends an open paragraph.
    var isBlockStart: Bool {
        switch self {
        case .p, .h1, .h2, .h3, .h4, .h5, .h6, .li, .blockquote, .pre, .dd, .dt, .figcaption, .summary, .address, .main,
            .article, .section, .div, .header, .footer, .nav, .aside, .hgroup, .center, .ul, .ol, .dl, .menu, .figure,
            .details, .hr, .search, .dialog, .fieldset, .form, .table:
            true
        default: false
        }
    }

    /// Whether an end tag of another element does not reach beyond this one.
    var isScopeBoundary: Bool {
        switch self {
        case .applet, .caption, .html, .table, .td, .th, .object, .template: true
        default: false
        }
    }

    /// Whether the element belongs to a table's frame.
    var isTablePart: Bool {
        switch self {
        case .table, .thead, .tbody, .tfoot, .tr, .td, .th, .caption, .colgroup: true
        default: false
        }
    }

    /// Whether the element holds a table's rows.
    var isTableSection: Bool { self == .tbody || self == .thead || self == .tfoot }

    /// Whether the standard calls the element special: inline end tags stop at it.
    var isSpecial: Bool {
        isBlockStart || isTablePart || self == .body || self == .button || self == .select || self == .iframe
    }

    /// Whether the element only formats text.
    var isFormatting: Bool {
        switch self {
        case .a, .b, .big, .code, .em, .font, .i, .nobr, .s, .small, .strike, .strong, .tt, .u: true
        default: false
        }
    }
}
