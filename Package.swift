// swift-tools-version: 6.2
import PackageDescription

/// The one array of settings that every Swift target of the package shares.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

// Floor 0: C libraries. A system-library target where the headers suffice, a C target where a shim needs code.
let cLibraries: [Target] = [
    .target(name: "CRabbitMQ", linkerSettings: [.linkedLibrary("rabbitmq")]),
    .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMalloc"),
    .target(name: "CCLD2", linkerSettings: [.linkedLibrary("cld2"), .linkedLibrary("stdc++")]),
]

// Floor 1: one Swift wrapper per C library, and pure foundations.
let wrappers: [Target] = [
    library("QueueExecutor", []),
    library("AMQP", ["CRabbitMQ", "QueueExecutor", logging]),
    library("Postgres", ["CPostgreSQL", "QueueExecutor", logging]),
    library("Markup", ["CLibXML2"]),
    library("TextEncoding", []),
    library("WebURL", ["CIDN2"]),
    library("Fetch", ["CCurl", "QueueExecutor", "WebURL", logging]),
    library("Compression", ["CZstd", "CZlib"]),
    library("LanguageID", ["CCLD2"]),
    library("Digests", ["CCrypto"]),
    library("AdminHTTP", ["QueueExecutor"]),
    library("TerminalControl", []),
]

// Floor 2: domain types and the message contract.
let model: [Target] = [
    library("Model", [])
]

// Floor 3: the stage loop, operations, and the store of captured bodies.
let pipeline: [Target] = [
    library("Pipeline", ["AMQP", "Postgres", "Model", coreMetrics, logging, lifecycle]),
    library(
        "Operations",
        [
            "CMalloc", "AdminHTTP", "Fetch", "WebURL", "Model", "Postgres", "Digests", coreMetrics, logging,
            configuration,
            lifecycle, systemPackage,
        ]),
    library("Captures", ["Postgres", "Model", "Compression", "Digests"]),
]

// Floor 4: one library per stage.
let stages: [Target] = [
    library(
        "Crawling",
        [
            "Pipeline", "Captures", "Fetch", "WebURL", "Markup", "TextEncoding", "Compression", "Digests", "Operations",
            "AMQP", "Postgres", "Model", coreMetrics, logging, lifecycle,
        ]),
    library(
        "Parsing",
        [
            "Pipeline", "Captures", "Markup", "TextEncoding", "WebURL", "LanguageID", "Compression", "Postgres",
            "Model", logging,
        ]),
    library(
        "Classifying", ["Pipeline", "LanguageID", "Postgres", "Model", logging], resources: [.copy("Resources")]),
    library("Indexing", ["Pipeline", "Postgres", "Model", coreMetrics, logging]),
]

// Floor 5: what the programs are composed of.
let applications: [Target] = [
    library(
        "WorkerRuntime",
        [
            "AdminHTTP", "Pipeline", "Operations", "AMQP", "Postgres", "Model", argumentParser, configuration,
            coreMetrics, lifecycle, logging, unixSignals,
        ]),
    library(
        "Operator",
        [
            "Crawling", "Parsing", "Classifying", "Indexing", "Captures", "Pipeline", "Operations", "Fetch", "WebURL",
            "TextEncoding", "Compression", "Digests", "AMQP", "Postgres", "Model", logging,
        ]),
]

// Floor 6: the programs.
let programs: [Target] = [
    executable(
        "wireroom-crawl",
        [
            "WorkerRuntime", "Crawling", "Captures", "Fetch", "Pipeline", "Operations", "Model", argumentParser,
            configuration, logging,
        ]),
    executable(
        "wireroom-parse", ["WorkerRuntime", "Parsing", "Captures", "Model", argumentParser, configuration, logging]),
    executable("wireroom-classify", ["WorkerRuntime", "Classifying", "Model", argumentParser, configuration, logging]),
    executable("wireroom-index", ["WorkerRuntime", "Indexing", "Model", argumentParser, configuration, logging]),
    executable(
        "wireroom",
        [
            "Operator", "TerminalControl", "WorkerRuntime", "Crawling", "Parsing", "Classifying", "Indexing",
            "Captures", "Pipeline",
            "Operations",
            "Fetch", "WebURL", "Compression", "AMQP", "Postgres", "Model", argumentParser, configuration, logging,
        ]),
]

// Tests: one target per module, and the integration tests that talk to a real broker and a real database.
let testTargets: [Target] = [
    tests("AMQPTests", ["AMQP", logging]),
    tests("PostgresTests", ["Postgres", logging]),
    tests("MarkupTests", ["Markup"]),
    tests("TextEncodingTests", ["TextEncoding"]),
    tests("WebURLTests", ["WebURL"]),
    tests("FetchTests", ["TestSupport", "Fetch", "WebURL", logging]),
    tests("CompressionTests", ["Compression"]),
    tests("DigestsTests", ["Digests"]),
    tests("LanguageIDTests", ["LanguageID"]),
    tests("AdminHTTPTests", ["AdminHTTP"]),
    tests("ModelTests", ["Model"], resources: [.copy("Golden")]),
    .target(
        name: "TestSupport", dependencies: ["Pipeline", "Operations", "AMQP", "Postgres", "Model", logging],
        path: "Tests/TestSupport", swiftSettings: settings),
    tests("PipelineTests", ["TestSupport", "Pipeline", "AMQP", "Postgres", "Model", coreMetrics, logging, lifecycle]),
    tests("CapturesTests", ["TestSupport", "Captures", "Postgres", "Model"]),
    tests(
        "CrawlingTests",
        [
            "TestSupport", "Crawling", "Captures", "Fetch", "Operations", "Pipeline", "Compression", "WebURL",
            "Postgres", "Model", logging,
        ], resources: [.copy("Fixtures")]),
    tests("ParsingTests", ["Parsing", "Markup", "Model", "Digests"], resources: [.copy("Cases")]),
    tests("ClassifyingTests", ["Classifying", "Model"]),
    tests("IndexingTests", ["Indexing", "Pipeline", "Postgres", "Model", logging]),
    tests(
        "OperationsTests",
        ["TestSupport", "AdminHTTP", "Operations", "Postgres", "Model", configuration, coreMetrics, lifecycle, logging]),
    tests(
        "IntegrationTests",
        [
            "TestSupport", "Operator", "Crawling", "Parsing", "Classifying", "Captures", "Compression", "Pipeline",
            "Operations",
            "AMQP", "Postgres", "Model", logging, lifecycle,
        ]),
]

let products: [Product] =
    (wrappers + model + pipeline + stages).map { .library(name: $0.name, targets: [$0.name]) }
    + programs.map { .executable(name: $0.name, targets: [$0.name]) }

let package = Package(
    name: "wireroom",
    platforms: [.macOS(.v26)],
    products: products,
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: cLibraries + wrappers + model + pipeline + stages + applications + programs + testTargets
)
