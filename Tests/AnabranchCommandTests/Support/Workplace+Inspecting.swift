import Foundation
import Testing

/// What `inspect` is tried on, and how it reads.
extension Workplace {
  /// A laptop and a phone, which is served, with one conversation.
  static func synced() async throws -> (place: Workplace, daemon: Daemon, conversation: String) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    return (place, daemon, id)
  }

  /// Two devices that did things to one conversation without knowing of each other, and then merged.
  static func merged() async throws -> (place: Workplace, conversation: String) {
    let (place, daemon, id) = try await synced()
    try await place.json("title", id, "Lisbon")
    try await place.json("tag", id, "travel")
    try await place.json("untag", id, "travel")
    try await place.json("delete", id)
    try await place.json("tag", id, "travel", home: "phone")
    try await place.json("say", id, "Which way is it to the sea?", home: "phone")
    try await place.json("title", id, "Lisbon in May", home: "phone")
    try await place.json("sync", daemon.address)
    return (place, id)
  }

  /// Two devices; the phone does `act` about a conversation of its own that the laptop has deleted, and the laptop hears of it.
  static func deleted(
    knowing: Bool, _ act: (Workplace, _ conversation: String) async throws -> Void
  ) async throws -> (place: Workplace, conversation: String) {
    let place = try Workplace()
    try await place.replica()
    try await place.replica("phone")
    let id = try await place.json("new", "Trip", home: "phone")["conversation"].text
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    try await place.json("delete", id)
    if knowing { try await place.json("sync", daemon.address) }
    try await act(place, id)
    try await place.json("sync", daemon.address)
    return (place, id)
  }

  /// Has the database do what SQL says, and moves all of its write-ahead log into the file.
  func alter(_ sql: String, of home: String = "laptop") async throws {
    let script = """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1], isolation_level=None)
      database.executescript(sys.argv[2])
      database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
      """
    let path = try write(script, to: "alter.py")
    let result = try await shell("python3 '\(path)' '\(self.path(home))/history.sqlite' \"\(sql)\"")
    #expect(result.status == 0, "\(result.errors)")
  }

  /// Has a disk alter `words`, where they stand first in the database.
  func damage(_ words: String, of home: String = "laptop") async throws {
    try await alter("", of: home)
    let file = URL(fileURLWithPath: path(home) + "/history.sqlite")
    var bytes = try Data(contentsOf: file)
    let range = try #require(bytes.range(of: Data(words.utf8)))
    bytes.replaceSubrange(range, with: Data(repeating: UInt8(ascii: "#"), count: range.count))
    try bytes.write(to: file)
  }

  /// What a command prints, as it reads at 80 columns, with `aaaa…` for the first identifier in it, `bbbb…` for the second one, and without the times.
  func golden(_ arguments: String...) async throws -> String {
    let result = try await Command.run(arguments, environment: environment())
    #expect(result.status == 0 && result.errors.isEmpty)
    let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 80 || $0.contains("\u{1B}") })
    var names: [String] = []
    var text = result.output.replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "<minute>")
      .replacing(/\d{4}-\d\d-\d\dT[0-9:.]+Z/, with: "<time>")
      .replacing(/\b[0-9a-f]{64}\b/, with: "<hash>").replacing(/bytes {9}[0-9]+/, with: "bytes         <count>")
      .replacing(/\b([0-9a-f]{8})[0-9a-f]{24}\b/) { $0.output.1 }
    for match in text.matches(of: /\b[0-9a-f]{8}\b/) where !names.contains(String(match.output)) {
      names.append(String(match.output))
    }
    for (name, letter) in zip(names, "abcdef") {
      text = text.replacingOccurrences(of: name, with: String(repeating: letter, count: 8))
    }
    return text
  }
}
