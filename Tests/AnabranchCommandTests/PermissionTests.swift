import Foundation
import Testing

/// What belongs to somebody else is told apart from what is not there.
@Suite(.enabled(if: Stranger.exists, "needs root and setpriv"), .timeLimit(.minutes(3)))
struct PermissionTests {
  @Test func aHomeThatCannotBeReadIsNotCalledMissing() async throws {
    let place = try Workplace()
    try await place.replica()
    for command in ["list", "new Trip", "init --name x", "import / --watch"] {
      let error = try await Stranger.run(place, "\(command) --json").failure("io")
      #expect(error["message"].text.contains("Permission denied"), "\(command): \(error.canonical)")
      #expect(!error["remedy"].text.contains("init"))
    }
  }

  @Test func aHandedOverFileThatCannotBeReadIsAMatterOfPermissions() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = place.path("backup")
    try await place.json("backup", file)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.folder)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file)
    for command in ["list", "inspect check", "inspect bundle x --verify"] {
      let error = try await Stranger.run(place, "\(command) --database \(file) --json").failure("io")
      #expect(error["message"].text.contains("Permission denied"), "\(command): \(error.canonical)")
      #expect(error["remedy"].text.contains("permissions"))
    }
  }

  @Test func aKeyThatCannotBeReadIsNotCalledMissing() async throws {
    let place = try Workplace()
    try await place.replica()
    try Stranger.own(place, "laptop")
    let key = place.path("laptop/device.key")
    try FileManager.default.setAttributes([.ownerAccountID: 0, .groupOwnerAccountID: 0], ofItemAtPath: key)
    let error = try await Stranger.run(place, "new Trip --json").failure("io")
    #expect(error["message"].text.contains(key) && error["message"].text.contains("Permission denied"))
    #expect(try await Stranger.run(place, "list").status == 0)
  }

  /// Who may read everybody's files, but is not root, is not given another one's key by mistake.
  @Test func aKeyOfAnotherUserIsNotTaken() async throws {
    let place = try Workplace()
    try await place.replica()
    try Stranger.own(place, "laptop")
    let key = place.path("laptop/device.key")
    try FileManager.default.setAttributes([.ownerAccountID: 0, .groupOwnerAccountID: 0], ofItemAtPath: key)
    let error = try await Stranger.run(place, "new Trip --json", capability: "dac_override").failure("invalid")
    #expect(error["message"].text.contains(key) && error["message"].text.contains("another user"))
    try FileManager.default.setAttributes([.ownerAccountID: 65_534], ofItemAtPath: key)
    #expect(try await Stranger.run(place, "new Trip", capability: "dac_override").status == 0)
  }

  @Test func verifyingNeedsAFolderThatCanBeWritten() async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = try await Daemon(place)
    try await place.json("new", "Trip")
    let files = FileManager.default
    for name in try place.contents(of: "laptop").keys {
      try files.setAttributes([.posixPermissions: 0o644], ofItemAtPath: place.path("laptop/\(name)"))
    }
    for name in ["", "laptop"] { try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.path(name)) }
    #expect(try await Stranger.run(place, "list").status == 0)
    let error = try await Stranger.run(place, "verify --json").failure("io")
    #expect(error["message"].text.contains("scratch database") && error["remedy"].text.contains("yours to write"))
    try await daemon.end()
  }
}

/// A user who owns nothing.
enum Stranger {
  private static let user = 65_534

  static let exists = geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")

  /// Runs the program as that user, who may have one of root's capabilities.
  static func run(_ place: Workplace, _ command: String, capability: String? = nil) async throws -> Command.Result {
    let more = capability.map { " --inh-caps=+\($0) --ambient-caps=+\($0)" } ?? ""
    return try await place.shell("setpriv --reuid=\(user) --regid=\(user) --clear-groups\(more) $anabranch \(command)")
  }

  /// Gives that user a home, and the way to it.
  static func own(_ place: Workplace, _ home: String) throws {
    let files = FileManager.default
    try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.folder)
    for name in [""] + Array(try place.contents(of: home).keys) {
      try files.setAttributes(
        [.ownerAccountID: user, .groupOwnerAccountID: user], ofItemAtPath: place.path(home + "/" + name))
    }
  }
}
