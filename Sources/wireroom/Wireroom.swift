import ArgumentParser
import WorkerRuntime

/// The operator's command: everything that people do with a line, and the one-shot commands that need none.
@main
struct Wireroom: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wireroom", abstract: "Runs a news line: crawl, parse, classify, index.",
        discussion: """
            The workers are programs of their own: wireroom-crawl, wireroom-parse, wireroom-classify and wireroom-index. This \
            command sets the line up, feeds it, and shows what it holds. Settings come from flags, then the environment \
            (WIREROOM_DATABASE_URL, WIREROOM_BROKER_URL, …), then the JSON file that --config or WIREROOM_CONFIG names.

            With --json, standard output carries one JSON object a line; messages always go to standard error.

            EXIT CODES
              0   it worked
              1   some inputs failed, or what was asked for is not there
              64  the command line is wrong
              69  broker or database do not answer, or are not set up
              70  an error inside the program
              75  the time given with --timeout ran out
              78  a setting is missing or wrong

            EXAMPLES
              wireroom migrate && wireroom topology apply
              wireroom source add https://www.example.org/
              wireroom import articles/ --wait
              wireroom search central bank --language en --since 2026-01-01
              wireroom extract page.html
            """,
        version: WorkerApplication.version,
        groupedSubcommands: [
            CommandGroup(name: "Setup", subcommands: [Migrate.self, TopologyCommand.self, DoctorCommand.self]),
            CommandGroup(name: "Input", subcommands: [SourceCommand.self, HostCommand.self, Import.self, Crawl.self]),
            CommandGroup(name: "Reading", subcommands: [Search.self, Article.self, Story.self, Stories.self]),
            CommandGroup(
                name: "Operation",
                subcommands: [
                    Top.self, Status.self, Tail.self, Funnel.self, Trace.self, Quarantine.self, Replay.self, Pause.self,
                    Resume.self, Export.self, Retention.self,
                ]),
            CommandGroup(
                name: "Extraction", subcommands: [InspectCommand.self, RuleCommand.self, DiffCommand.self]),
            CommandGroup(
                name: "One-shot",
                subcommands: [
                    Extract.self, Classify.self, Group.self, Robots.self, FeedCommand.self, SitemapCommand.self,
                    URLCommand.self,
                ]),
        ])
}
