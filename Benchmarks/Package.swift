// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that what only benchmarks need stays out of the main graph. `make bench` builds and runs it.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "wireroom-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "wireroom", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(
            name: "bench-amqp",
            dependencies: [
                .product(name: "AMQP", package: "wireroom"), .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "bench-frontier",
            dependencies: [
                .product(name: "Captures", package: "wireroom"), .product(name: "Crawling", package: "wireroom"),
                .product(name: "Model", package: "wireroom"), .product(name: "Operations", package: "wireroom"),
                .product(name: "Postgres", package: "wireroom"), .product(name: "WebURL", package: "wireroom"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
        .executableTarget(
            name: "bench-postgres",
            dependencies: [
                .product(name: "Postgres", package: "wireroom"), .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: settings),
    ]
)
