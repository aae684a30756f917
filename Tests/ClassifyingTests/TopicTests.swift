import Testing

@testable import Classifying

@Suite struct TopicTests {
    @Test(arguments: [
        ("The striker scored twice as the team won the match in the second half of the league season.", "sport"),
        ("Voters elected a new parliament; the prime minister will form a coalition government.", "politics"),
        ("Doctors said the vaccine protects patients in hospital from the virus.", "health"),
        (
            "Die Aktie des Konzerns stieg, der Umsatz wuchs im Quartal um Milliarden an der Börse.",
            "economy, business and finance"
        ),
        ("Le joueur a marqué un but et l'équipe a gagné le championnat de football.", "sport"),
        ("Президент встретился с депутатами парламента после выборов, правительство ушло.", "politics"),
        ("医院的医生说，疫苗可以保护患者免受病毒感染。", "health"),
    ]) func namesTheTopic(_ body: String, _ topic: String) throws {
        let topics = try Fixture.annotate(body).topics
        #expect(topics.first?.name == topic)
        #expect(topics.allSatisfy { $0.code.hasPrefix("medtop:") && $0.score >= 0 && $0.score <= 1 })
    }

    @Test func readsTheSectionInTheAddress() throws {
        let topics = try Fixture.classifier().classify(
            title: nil, body: "Abc def ghi jkl.", language: nil, url: "https://news.example/sport/abc", publishedAt: nil
        ).topics
        #expect(topics.first?.name == "sport")
    }

    @Test func namesNoTopicWithoutReason() throws {
        #expect(try Fixture.annotate("Abc def ghi jkl.").topics.isEmpty)
    }
}
