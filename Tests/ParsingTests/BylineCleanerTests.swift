import Testing

@testable import Parsing

/// A byline and whom it names.
struct BylineCase: Sendable, CustomTestStringConvertible {
    var text: String
    var expected: [String]

    init(_ text: String, _ expected: [String]) {
        self.text = text
        self.expected = expected
    }

    var testDescription: String { text }
}

@Suite struct BylineCleanerTests {
    @Test(arguments: BylineCases.all) func namesTheAuthors(_ item: BylineCase) {
        #expect(BylineCleaner.authors(from: item.text) == item.expected)
    }

    @Test(arguments: [
        "Jane Doe", "Anne-Marie O'Neill", "Ludwig van Dyck", "Лейла Мамедова", "أحمد العلي", "田中太郎", "김민수",
        "J. R. Marsh",
    ])
    func knowsNames(_ name: String) {
        #expect(BylineCleaner.isLikelyPersonName(name))
    }

    @Test(arguments: [
        "", "admin", "Reuters", "The Ledger", "News Desk", "New York", "jane", "4 min read", "Staff Writer", "Jane van",
    ])
    func knowsWhatIsNoName(_ text: String) {
        #expect(!BylineCleaner.isLikelyPersonName(text))
    }

    @Test func acceptsHostileText() {
        for text in [
            "", "\0\0", String(repeating: ",", count: 1_000_000), String(repeating: "By ", count: 500_000), "((((",
            "))))",
        ] {
            #expect(BylineCleaner.authors(from: text).isEmpty)
        }
        #expect(BylineCleaner.authors(from: String(repeating: "Jane Doe, ", count: 1000)) == ["Jane Doe"])
    }
}

enum BylineCases {
    static let all: [BylineCase] = openings + lists + noise + scripts + none

    static let openings: [BylineCase] = [
        BylineCase("Jane Doe", ["Jane Doe"]), BylineCase("By Jane Doe", ["Jane Doe"]),
        BylineCase("by: Jane Doe", ["Jane Doe"]),
        BylineCase("BY JANE DOE", ["Jane Doe"]), BylineCase("Written by Jane Doe", ["Jane Doe"]),
        BylineCase("Posted by Jane Doe on April 3, 2025", ["Jane Doe"]), BylineCase("By jane doe", ["Jane Doe"]),
        BylineCase("Author: Jane Doe", ["Jane Doe"]), BylineCase("Von Jana Dorn", ["Jana Dorn"]),
        BylineCase("Von Jana Dorn und Uwe Roth", ["Jana Dorn", "Uwe Roth"]),
        BylineCase("Ein Kommentar von Jana Dorn", ["Jana Dorn"]),
        BylineCase("Par Jeanne Dubois", ["Jeanne Dubois"]),
        BylineCase("Propos recueillis par Jeanne Dubois", ["Jeanne Dubois"]),
        BylineCase("Por Juana Díaz", ["Juana Díaz"]), BylineCase("Di Gianna Dorati", ["Gianna Dorati"]),
        BylineCase("a cura di Gianna Dorati", ["Gianna Dorati"]), BylineCase("Door Jan de Boer", ["Jan de Boer"]),
        BylineCase("Автор: Лейла Мамедова", ["Лейла Мамедова"]), BylineCase("Текст: Иван Петров", ["Иван Петров"]),
        BylineCase("Autor: Jan Kowalski", ["Jan Kowalski"]), BylineCase("Oleh Budi Santoso", ["Budi Santoso"]),
        BylineCase("Yazan: Ayşe Demir", ["Ayşe Demir"]), BylineCase("Müəllif: Nigar Əliyeva", ["Nigar Əliyeva"]),
        BylineCase("Banksyna", ["Banksyna"]),
    ]

    static let lists: [BylineCase] = [
        BylineCase("By Jane Doe and John Roe, Reuters | 3 min read", ["Jane Doe", "John Roe", "Reuters"]),
        BylineCase("Jane Doe, John Roe and Ann Poe", ["Jane Doe", "John Roe", "Ann Poe"]),
        BylineCase("JANE DOE AND JOHN ROE", ["Jane Doe", "John Roe"]),
        BylineCase("Jane Doe & John Roe", ["Jane Doe", "John Roe"]),
        BylineCase("Jane Doe; John Roe", ["Jane Doe", "John Roe"]),
        BylineCase("Jeanne Dubois et Luc Morel", ["Jeanne Dubois", "Luc Morel"]),
        BylineCase("Juana Díaz y Luis Mora", ["Juana Díaz", "Luis Mora"]),
        BylineCase("José Ortega y Gasset", ["José Ortega y Gasset"]),
        BylineCase("Иван Петров и Анна Сидорова", ["Иван Петров", "Анна Сидорова"]),
        BylineCase("Іван Петренко та Анна Коваль", ["Іван Петренко", "Анна Коваль"]),
        BylineCase("Ayşe Demir ve Ali Kaya", ["Ayşe Demir", "Ali Kaya"]), BylineCase("Doe, Jane", ["Jane Doe"]),
        BylineCase("Jane Doe, Jr.", ["Jane Doe Jr."]),
        BylineCase("By Jane Doe with John Roe", ["Jane Doe", "John Roe"]),
        BylineCase("Jane Doe, Jane Doe", ["Jane Doe"]), BylineCase("Jan Nowak i Ewa Lis", ["Jan Nowak", "Ewa Lis"]),
        BylineCase("Jane Doe\nJohn Roe", ["Jane Doe", "John Roe"]), BylineCase("Jane Doe / dpa", ["Jane Doe", "dpa"]),
    ]

    static let noise: [BylineCase] = [
        BylineCase("By Jane Doe, Political Editor", ["Jane Doe"]),
        BylineCase("Jane Doe, BBC Moscow correspondent", ["Jane Doe"]),
        BylineCase("Political correspondent Jane Doe", ["Jane Doe"]), BylineCase("Jane Doe Staff Writer", ["Jane Doe"]),
        BylineCase("By Jane Doe in London", ["Jane Doe"]), BylineCase("By Jane Doe, London", ["Jane Doe"]),
        BylineCase("By Jane Doe, New York", ["Jane Doe"]), BylineCase("By Jane Doe for the Ledger", ["Jane Doe"]),
        BylineCase("Jane Doe @janedoe", ["Jane Doe"]), BylineCase("Jane Doe (jane@example.org)", ["Jane Doe"]),
        BylineCase("Jane Doe jane@example.org", ["Jane Doe"]), BylineCase("By Jane Doe • April 3, 2025", ["Jane Doe"]),
        BylineCase("By Jane Doe - April 3, 2025 10:15", ["Jane Doe"]), BylineCase("By Dr. Jane Doe", ["Jane Doe"]),
        BylineCase("Jane Doe (Reuters)", ["Jane Doe", "Reuters"]), BylineCase("Reuters", ["Reuters"]),
        BylineCase("By Reuters Staff", ["Reuters"]), BylineCase("The Associated Press", ["The Associated Press"]),
        BylineCase("AP", ["AP"]), BylineCase("By Jane Doe, AP", ["Jane Doe", "AP"]), BylineCase("dpa", ["dpa"]),
        BylineCase("By Jane Doe | Photos by Ann Poe", ["Jane Doe"]),
        BylineCase("Reporting by Jane Doe; Editing by John Roe", ["Jane Doe"]),
        BylineCase("LUDWIG VAN DYCK", ["Ludwig van Dyck"]), BylineCase("ANNE-MARIE O'NEILL", ["Anne-Marie O'Neill"]),
        BylineCase("IAN MCDONALD", ["Ian McDonald"]), BylineCase("J.R. MARSH", ["J.R. Marsh"]),
        BylineCase("Jeanne DUBOIS", ["Jeanne Dubois"]),
        BylineCase("Omar al-Rashid", ["Omar al-Rashid"]), BylineCase("Maria de la Cruz", ["Maria de la Cruz"]),
        BylineCase("Jean d'Arcy", ["Jean d'Arcy"]), BylineCase("Jana Dorn, Korrespondentin in Moskau", ["Jana Dorn"]),
        BylineCase("корреспондент Иван Петров", ["Иван Петров"]),
        BylineCase("Иван Петров, ТАСС", ["Иван Петров", "ТАСС"]),
        BylineCase("  By   Jane\u{A0}Doe  ", ["Jane Doe"]),
        BylineCase("By Jane Doe Published 3 hours ago", ["Jane Doe"]),
    ]

    static let scripts: [BylineCase] = [
        BylineCase("بقلم: أحمد العلي", ["أحمد العلي"]), BylineCase("מאת: דנה כהן", ["דנה כהן"]),
        BylineCase("文/张伟", ["张伟"]),
        BylineCase("记者 张伟", ["张伟"]), BylineCase("김민수 기자", ["김민수"]), BylineCase("田中太郎", ["田中太郎"]),
        BylineCase("田中 太郎", ["田中 太郎"]), BylineCase("Γιώργος Παππάς", ["Γιώργος Παππάς"]),
        BylineCase("द्वारा राहुल शर्मा", ["राहुल शर्मा"]),
        BylineCase("ავტორი: ნინო ბერიძე", ["ნინო ბერიძე"]),
    ]

    static let none: [BylineCase] = [
        "", "admin", "Admin", "By admin", "Staff", "Staff Writer", "By Staff Reporter", "News Desk", "Editorial Board",
        "Redaktion",
        "Редакция", "editor", "3 min read", "April 3, 2025", "@janedoe", "https://example.org/author/jane",
        "Photo: Jane Doe",
        "Foto: Jana Dorn", "Anonymous", "Guest Author", "Published 3 April 2025", "Share", "|", "By", "Web Team",
    ].map { BylineCase($0, []) }
}
