// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because all of it has to be built for the fuzzer. `scripts/fuzz` builds and runs it.

let package = Package(
    name: "wireroom-fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "wireroom", path: "../..")],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: ["Captures", "Crawling", "Parsing", "Pipeline", "WebURL", "TextEncoding"].map {
                .product(name: $0, package: "wireroom")
            },
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
                // libFuzzer brings the program's main function.
                .unsafeFlags(["-parse-as-library"]),
            ], linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
    ]
)
