// swift-tools-version: 6.2
import PackageDescription

/// The fuzzer, in a package of its own: its `main` comes from libFuzzer, so it links only where the whole build is made for that.
/// What it calls is the target `FuzzTargets` of the package above, whose sources lie here too, and whose tests replay `Corpus`
/// without any of this.
let package = Package(
  name: "fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "anabranch", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "FuzzTargets", package: "anabranch")],
      swiftSettings: [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
        .unsafeFlags(["-parse-as-library"]),
      ])
  ]
)
