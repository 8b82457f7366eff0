// swift-tools-version: 6.2
import PackageDescription

/// Settings every target of ours is compiled with: the Swift 6 language mode, explicit access on
/// imports and existentials, and no warning left standing.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A module that people build on. Its tests lie in `Tests/<name>Tests`.
func library(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
  of name: String, and others: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: [.init(stringLiteral: name)] + others,
    resources: resources, swiftSettings: strict)
}

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
/// For what stretches passphrases.
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let package = Package(
  name: "anabranch",
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .library(name: "Anabranch", targets: ["Anabranch"]),
    .library(name: "SimulationKit", targets: ["SimulationKit"]),
    .library(name: "FuzzTargets", targets: ["FuzzTargets"]),
    .executable(name: "anabranch", targets: ["AnabranchCommand"]),
    .executable(name: "simulate", targets: ["AnabranchSimulate"]),
    .executable(name: "anabranch-bench", targets: ["AnabranchBench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    library("AnabranchCore", [.product(name: "HeapModule", package: "swift-collections")]),
    library("AnabranchWire", ["AnabranchCore", crypto]),
    library("AnabranchNoise", ["AnabranchCore", crypto]),
    library("AnabranchSync", ["AnabranchCore", "AnabranchWire"]),
    library("AnabranchDiscovery", ["AnabranchCore", "AnabranchWire"]),
    .target(name: "CSQLiteOptions", linkerSettings: [.linkedLibrary("sqlite3")]),
    library(
      "AnabranchStore",
      [
        "AnabranchCore", "AnabranchWire", "AnabranchSync", "CSQLiteOptions", "CZlib",
        .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    library("AnabranchTransport", ["AnabranchCore", "AnabranchWire", "AnabranchSync", "AnabranchDiscovery"] + nio),
    library(
      "Anabranch",
      [
        "AnabranchCore", "AnabranchWire", "AnabranchNoise", "AnabranchSync", "AnabranchDiscovery", "AnabranchStore",
        "AnabranchTransport", crypto, cryptoExtras,
      ]),
    library("AnabranchExchange", ["Anabranch", "AnabranchCore", "CLibZip"]),
    .systemLibrary(
      name: "CLibZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"]), .brew(["libzip"])]),
    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"]), .brew(["qrencode"])]),
    .executableTarget(
      name: "AnabranchCommand",
      dependencies: [
        "Anabranch", "AnabranchExchange", "CQREncode",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .target(
      name: "AnabranchOracle", dependencies: ["AnabranchCore", "AnabranchWire"], path: "Simulations/Oracle",
      swiftSettings: strict),
    .target(
      name: "SeededRandom", dependencies: ["AnabranchCore"], path: "Simulations/SeededRandom", swiftSettings: strict),
    .target(
      name: "FaultyVFS", path: "Simulations/FaultyVFS", linkerSettings: [.linkedLibrary("sqlite3")]),
    .target(
      name: "SimulationKit",
      dependencies: [
        "Anabranch", "AnabranchCore", "AnabranchNoise", "AnabranchOracle", "AnabranchStore", "AnabranchSync",
        "AnabranchWire", "FaultyVFS", "SeededRandom", crypto, .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      path: "Simulations/SimulationKit", swiftSettings: strict),
    .target(
      name: "Scenarios", dependencies: ["AnabranchCore", "SimulationKit"], path: "Simulations/Scenarios",
      swiftSettings: strict),
    .executableTarget(
      name: "AnabranchSimulate",
      dependencies: [
        "Anabranch", "Scenarios", "SimulationKit", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Simulations/Simulate", swiftSettings: strict),
    .executableTarget(
      name: "AnabranchBench",
      dependencies: [
        "Anabranch", "AnabranchCore", "AnabranchExchange", "AnabranchNoise", "AnabranchStore", "AnabranchWire",
        "EditingTraces", "SeededRandom", crypto,
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Benchmarks", exclude: ["EditingTraces"], swiftSettings: strict),
    .target(
      name: "EditingTraces", dependencies: ["AnabranchCore"], path: "Benchmarks/EditingTraces", swiftSettings: strict),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "Anabranch", "AnabranchCore", "AnabranchExchange", "AnabranchFakes", "AnabranchNoise", "AnabranchSync", "AnabranchWire",
        "SimulationKit", crypto,
      ],
      path: "Fuzz/Sources/FuzzTargets", swiftSettings: strict),
    .target(
      name: "AnabranchFakes", dependencies: ["AnabranchCore", "AnabranchSync", "AnabranchWire"], path: "Tests/Fakes",
      swiftSettings: strict),
    .target(
      name: "AnabranchTestSupport", dependencies: ["AnabranchCore", "AnabranchWire", "SeededRandom"],
      path: "Tests/Support",
      swiftSettings: strict),

    tests(
      of: "AnabranchCore",
      and: ["AnabranchWire", "AnabranchOracle", "AnabranchTestSupport", "EditingTraces", "SeededRandom"]),
    tests(of: "AnabranchWire", and: ["AnabranchCore", "AnabranchTestSupport", "SeededRandom"]),
    tests(of: "AnabranchOracle", and: ["AnabranchCore", "AnabranchWire", "AnabranchTestSupport", "SeededRandom"]),
    tests(of: "AnabranchNoise", and: ["AnabranchCore", "SeededRandom", crypto]),
    tests(
      of: "AnabranchSync",
      and: [
        "AnabranchCore", "AnabranchFakes", "AnabranchTestSupport", "AnabranchTransport", "AnabranchWire", "SeededRandom",
      ]),
    tests(of: "AnabranchDiscovery", and: ["AnabranchCore", "AnabranchWire", "SeededRandom"]),
    tests(of: "AnabranchTransport", and: ["AnabranchDiscovery", "AnabranchSync"]),
    tests(
      of: "AnabranchStore",
      and: [
        "AnabranchCore", "AnabranchWire", "AnabranchSync", "AnabranchOracle", "AnabranchTestSupport",
        "SeededRandom", .product(name: "GRDB", package: "GRDB.swift"), crypto,
      ]),
    tests(
      of: "Anabranch",
      and: [
        "AnabranchCore", "AnabranchExchange", "AnabranchNoise", "AnabranchStore", "AnabranchSync",
        "AnabranchTestSupport", "AnabranchTransport", "AnabranchWire", "SeededRandom", crypto,
      ], resources: [.copy("Fixtures")]),
    tests(of: "AnabranchExchange", and: ["Anabranch", "AnabranchCore", "CLibZip", "SeededRandom"]),
    tests(
      of: "AnabranchCommand", and: ["Anabranch", "AnabranchSync", "AnabranchWire", "Scenarios", "SimulationKit"]),
    tests(
      of: "SimulationKit",
      and: [
        "Anabranch", "AnabranchSimulate", "FaultyVFS", "Scenarios", "SeededRandom", .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    tests(of: "FuzzTargets", and: ["AnabranchSync", "SimulationKit"]),
    .testTarget(name: "AnabranchTidyTests", swiftSettings: strict),
  ]
)
