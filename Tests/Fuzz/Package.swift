// swift-tools-version: 6.2
import PackageDescription

// A package of its own, because all of it has to be built for the fuzzer. `scripts/fuzz` builds and runs it.

let package = Package(
    name: "wireroom-fuzz",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "wireroom", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "AMQP", "Captures", "Crawling", "Model", "Parsing", "Pipeline", "TextEncoding", "WebURL",
            ].map { .product(name: $0, package: "wireroom") } + [.product(name: "Logging", package: "swift-log")],
            swiftSettings: [
                .swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"), .treatAllWarnings(as: .error),
                // libFuzzer brings the program's main function.
                .unsafeFlags(["-parse-as-library"]),
            ], linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
    ]
)
