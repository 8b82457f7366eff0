import Foundation
import Testing

/// What is damaged, and a repair of it.
@Suite struct InspectCheckTests {
  /// The history of two devices, with the words `which` of it altered on the laptop.
  private static func damaged(_ words: String) async throws -> (place: Workplace, conversation: String) {
    let (place, id) = try await Workplace.merged()
    try await place.json("say", id, "Let us ask somebody")
    try await place.damage(words)
    return (place, id)
  }

  @Test("A sound replica, and a file that somebody handed over")
  func sound() async throws {
    let (place, _) = try await Workplace.merged()
    let expected = """
      ✓  file    SQLite finds nothing wrong
      ✓  log     15 changes in 2 logs, 1.6 kB: hashes and signatures hold
      ✓  views   as they are when built anew from the log
      ✓  files   none is attached here
      ✓  local   nothing wrong with what concerns this device alone
         state   <hash>

      """
    let text = try await place.golden("inspect", "check")
    #expect(Self.withoutSizes(text) == Self.withoutSizes(expected), "\(text)")
    try await place.json("backup", place.path("copy"))
    #expect(try await place.json("inspect", "check", "--database", place.path("copy"))["ok"].bool == true)
    #expect(try await place.json("inspect", "check")["faults"].array.isEmpty)
  }

  /// Text without the ends of its lines, so that words are found wherever they were wrapped.
  private static func joined(_ text: String) -> String {
    text.replacing(/\n +/, with: " ")
  }

  private static func withoutSizes(_ text: String) -> String {
    text.replacing(/\d+ changes in 2 logs, [0-9.]+ k?B/, with: "<sizes>")
  }

  @Test("A file whose first page is lost is no database to SQLite, and is repaired all the same")
  func firstPage() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 3, messages: 8), to: "export.json")
    try await place.json("import", file)
    let state = try await place.json("status")["stateHash"].text
    let handle = try #require(FileHandle(forUpdatingAtPath: place.path("laptop/history.sqlite")))
    handle.write(Data(repeating: 0xA5, count: 4_096))
    try handle.close()
    let error = try await place.run("title", "abcd", "x", "--json").failure("format")
    #expect(error["remedy"].text.contains("anabranch inspect check"))
    let told = try await place.run("inspect", "check")
    #expect(told.status == 1)
    for words in ["it is a file of another kind", "its pages were read one by one", "✓  log     "] {
      #expect(Self.joined(told.output).contains(words) || told.output.contains(words), "\(told)")
    }
    let repaired = Self.joined(try await place.run("inspect", "check", "--repair").output)
    for words in ["This device goes on in another log", "Nothing that was written is known to be lacking."] {
      #expect(repaired.contains(words), "\(repaired)")
    }
    // A page that is gone may have had what nobody knows of.
    #expect(repaired.hasSuffix("purges wait until you remove it.\n") && !repaired.contains("Not there"), "\(repaired)")
    #expect(try await place.run("status").output.contains("kept by a repair"))
    #expect(try await place.json("status")["stateHash"].text == state)
    #expect(try await place.json("inspect", "check")["ok"].bool == true)
  }

  @Test("Of a file that was cut within a page the whole ones are read", .needsPython)
  func cut() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "Trip")
    try await place.alter("")
    let page = try await place.page(of: "change")
    let file = try #require(FileHandle(forUpdatingAtPath: place.path("laptop/history.sqlite")))
    try file.truncate(atOffset: UInt64(page * Workplace.pageBytes + 1_000))
    let found = try await place.run("inspect", "check")
    #expect(found.status == 1 && found.output.contains("✓  log     2 changes in 1 log"), "\(found)")
    // And where they are beyond the end, nothing is called sound.
    try file.truncate(atOffset: UInt64((page - 1) * Workplace.pageBytes + 1_000))
    try file.close()
    let rest = try await place.run("inspect", "check")
    #expect(rest.status == 1 && rest.output.contains("✗  log     not one change is sound"), "\(rest)")
    #expect(!rest.output.contains("✓"), "\(rest)")
  }

  @Test("What is damaged is named, and a repair keeps the file and says what is to be had from whom")
  func repair() async throws {
    let (place, id) = try await Self.damaged("Lisbon in May")
    let found = try await place.run("inspect", "check")
    #expect(found.status == 1 && found.errors.isEmpty)
    for words in [
      "✗  log", "are sound by themselves", "does not have the hash that is kept of it", "inspect check --repair` keeps",
    ] { #expect(Self.joined(found.output).contains(words), "\(found.output)") }
    let given = try await place.run("inspect", "check", "--database", place.path("laptop/history.sqlite"))
    #expect(given.status == 1 && !given.output.contains("--repair` keeps"), "\(given.output)")
    #expect(given.output.contains("A repair is made where the replica is"), "\(given.output)")
    let report = try await place.run("inspect", "check", "--json").json()
    #expect(report["ok"].bool == false && report["faults"][0]["part"].text == "log" && report["stateHash"].isNull)

    let done = try await place.run("inspect", "check", "--repair")
    #expect(done.status == 0 && done.errors.isEmpty, "\(done.errors)")
    for words in [
      "A new database has", "Not there:", "of phone.", "To be had from phone", "This device goes on in another log",
      "history.sqlite.damaged-", "`anabranch sync`",
    ] { #expect(Self.joined(done.output).contains(words), "\(done.output)") }
    #expect(done.output.split(separator: "\n").allSatisfy { $0.count <= 80 || $0.contains("history.sqlite.damaged-") })
    #expect(try await place.json("inspect", "check")["ok"].bool == true)

    let daemon = try await Daemon(place, home: "phone")
    try await place.json("sync", daemon.address)
    let kept = try FileManager.default.contentsOfDirectory(atPath: place.path("laptop")).first {
      $0.contains(".damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm")
    }
    let file = place.path("laptop") + "/" + (try #require(kept))
    try await place.json("inspect", "check", "--repair", "--from", file)
    try await place.json("sync", daemon.address)
    #expect(try await place.json("show", id)["title"].text == "Lisbon in May")
    #expect(try await place.run("show", id).output.contains("Let us ask somebody"))
    let states = try await (
      place.json("status")["stateHash"].text, place.json("status", home: "phone")["stateHash"].text
    )
    #expect(states.0 == states.1)
  }

  @Test(
    "Of what another device wrote, and has not said that it has, no more is promised than is known", .needsPython,
    arguments: [false, true])
  func fromItsAuthor(isRemoved: Bool) async throws {
    let (place, _) = try await Workplace.merged()
    if isRemoved { try await place.json("devices", "remove", "phone", "--yes") }
    try await place.alter("UPDATE peer SET vector = x''")
    try await place.damage("Lisbon in May")
    let kept = place.path("laptop/damaged")
    try FileManager.default.copyItem(atPath: place.path("laptop/history.sqlite"), toPath: kept)
    let done = try await place.json("inspect", "check", "--repair")
    let loss = try #require(done["losses"].array.first { $0["device"].text == "phone" })
    #expect(loss["heldBy"].array.isEmpty && loss["author"]["device"].text == "phone")
    #expect(loss["author"]["reason"].text == (isRemoved ? "wrote-outside" : "wrote"))
    #expect(loss["author"]["wasMet"].bool == true)
    let devices = try await place.json("devices")["devices"].array
    #expect(devices.first { $0["name"].text == "phone" }?["isRemovalLost"].bool == isRemoved, "\(devices)")
    let text = try await place.run("devices").output
    #expect(text.contains("phone is kept out all the same") == isRemoved, "\(text)")
    // The same in words.
    try FileManager.default.removeItem(atPath: place.path("laptop/history.sqlite"))
    try FileManager.default.moveItem(atPath: kept, toPath: place.path("laptop/history.sqlite"))
    let words = Self.joined(try await place.run("inspect", "check", "--repair").output)
    let expected =
      isRemoved ? "belong to this history." : "phone wrote that, and gives it unless it was lost there, too."
    #expect(words.contains(expected) && !words.contains("To be had from phone"), "\(words)")
  }

  @Test("What stands behind a damaged change is told apart from it", .needsPython)
  func behindDamage() async throws {
    let (place, _) = try await Workplace.merged()
    let logs = try await place.json("inspect", "check")["logs"].array
    let own = try #require(logs.first { $0["device"].text == "laptop" })
    let (log, last) = (own["log"].text, own["sound"].count)
    try await place.alter(
      "UPDATE change SET hash = zeroblob(32) WHERE id = (SELECT ordinal FROM log WHERE id = x'\(log)') << 32 | 2")
    let told = try await place.run("inspect", "check")
    let expected =
      "change 2 of laptop does not have the hash that is kept of it; changes 3 to \(last) behind that read well, and cannot be proved "
      + "before it is here"
    #expect(Self.joined(told.output).contains(expected), "\(told.output)")
    #expect(told.output.contains("changes are sound by themselves, \(last - 2) others read well\n"), "\(told.output)")
    let report = try await place.run("inspect", "check", "--json").json()
    let found = try #require(report["logs"].array.first { $0["log"].text == log })
    #expect(found["damaged"].array.map { [$0["first"].count, $0["last"].count] } == [[2, 2]])
    #expect(found["readable"].array.map { [$0["first"].count, $0["last"].count] } == [[3, last]])
  }

  @Test("Of how many changes some are sound is said by all that tells how many there were", .needsPython)
  func lostEnd() async throws {
    let (place, _) = try await Workplace.merged()
    try await place.json("new", "The phone has not seen this")
    let all = try await place.json("inspect", "check")["logs"].array
    let own = try #require(all.first { $0["device"].text == "laptop" })
    let total = all.map { $0["sound"].count }.reduce(0, +)
    // Others build on the last one that the phone has; what came after it is known to nobody.
    try await place.alter(
      "DELETE FROM change WHERE (id & 4294967295) > 3 AND id >> 32 = "
        + "(SELECT ordinal FROM log WHERE id = x'\(own["log"].text)')")
    let found = try await place.run("inspect", "check")
    #expect(found.status == 1, "\(found)")
    let report = try await place.run("inspect", "check", "--json").json()
    let rest = try #require(report["logs"].array.first { $0["log"].text == own["log"].text })
    #expect(rest["sound"].count == 3 && rest["last"].count == 3 && rest["known"].count > 3, "\(report)")
    let known = report["logs"].array.map { $0["known"].count }.reduce(0, +)
    #expect(known == total - 1 || known == total)
    #expect(found.output.contains("✗  log     \(total - own["sound"].count + 3) of \(known) changes"), "\(found)")
    #expect(Self.joined(found.output).contains("are not there, and"), "\(found)")
  }

  @Test(
    "Where nothing of the history is lost, but a note of this device, the file is kept for that, and nothing is to be brought",
    .needsPython)
  func lostNote() async throws {
    let (place, _) = try await Workplace.merged()
    try await place.alter("UPDATE setting SET value = 7 WHERE name = 'inviters'")
    let repaired = Self.joined(try await place.run("inspect", "check", "--repair").output)
    #expect(repaired.contains("Nothing that was written is known to be lacking."), "\(repaired)")
    #expect(repaired.hasSuffix("purges wait until you remove it.\n"), "\(repaired)")
    let status = Self.joined(try await place.run("status").output)
    #expect(status.contains("kept by a repair") && !status.contains("may not be here"), "\(status)")
    #expect(
      status.replacing("\n", with: " ").contains("No change and no file that these are known to have had is lacking"),
      "\(status)")
  }

  @Test("A block of an attached file that is lost: which file, and what can be done where nobody else has it")
  func lostBlock() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let words = try place.write("the words of a file", to: "words.txt")
    let message = try await place.json("say", id, "See this")["message"].text
    let attachment = try await place.json("attach", message, words)[0]["id"].text
    try await place.damage("the words of a file")

    let found = try await place.run("inspect", "check")
    #expect(Self.joined(found.output).contains("is damaged (\(attachment.prefix(14)) “words.txt”)"), "\(found.output)")
    let report = try await place.run("inspect", "check", "--json").json()
    #expect(report["files"]["whole"].count == 0 && report["files"]["lacking"].count == 0)
    #expect(report["files"]["damaged"].count == 1)
    let fault = report["faults"][0]
    #expect(fault["attachments"][0]["id"].text == attachment && !fault["message"].text.contains("words.txt"))

    let done = try await place.run("inspect", "check", "--repair")
    #expect(Self.joined(done.output).contains("No other device is known: attach those files again."), "\(done.output)")
    let after = try await place.run("inspect", "check")
    #expect(after.output.contains("✓  files   1 attached, 1 of them not here in full; 0 blocks"), "\(after.output)")
    let files = try await place.json("inspect", "check")["files"]
    #expect(files["whole"].count == 0 && files["lacking"].count == 1)
    let error = try await place.run("fetch", attachment, "-o", place.path("out"), "--json").failure("not-found")
    #expect(!error["remedy"].text.contains("fetch") && error["remedy"].text.contains("attach the same file again"))

    try await place.json("attach", message, words)
    #expect(try await place.json("inspect", "check")["files"]["lacking"].count == 0)
    try await place.json("fetch", attachment, "-o", place.path("out"))
    #expect(FileManager.default.contents(atPath: place.path("out")) == Data("the words of a file".utf8))
  }

  @Test("Devices and settings are called so where they are shown otherwise", .needsPython)
  func otherObjects() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("settings", "theme", "dark")
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.alter("UPDATE conversation SET updated = updated + 1")
    let found = try await place.run("inspect", "check", "--json").json()["faults"].array.map { $0["message"].text }
    for subject in ["conversation \(id)", "the entry of the settings", "the entry of the device "] {
      #expect(found.count { $0.hasPrefix(subject) && $0.contains(" is shown otherwise") } == 1, "\(found)")
    }
    #expect(found.count == 3)
  }

  @Test("A home without the key of its device, of which nothing else is wrong")
  func key() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.json("new", "A trip to Faro")
    try FileManager.default.removeItem(atPath: place.path("laptop/device.key"))
    let found = try await place.run("inspect", "check")
    #expect(found.status == 1 && found.output.contains("✗  local   damaged"), "\(found.output)")
    #expect(found.output.contains("device.key") && !found.output.contains("--repair"), "\(found.output)")
    let repair = try await place.run("inspect", "check", "--repair")
    #expect(repair.status == 1 && repair.output == found.output, "\(repair)")
    for words in ["nothing was repaired", "device.key, and it is not there", "put it back"] {
      #expect(repair.errors.contains(words), "\(repair)")
    }
    let error = try await place.run("inspect", "check", "--repair", "--json").failure("not-found")
    #expect(error["message"].text.contains("nothing was repaired") && error["remedy"].text.contains("put it back"))
    let given = try await place.run("inspect", "check", "--database", place.path("laptop/history.sqlite"))
    #expect(given.status == 0, "\(given)")

    // Of one that is damaged, too, neither is anything made.
    try await place.damage("A trip to Faro")
    func names() throws -> [String] {
      try place.contents(of: "laptop").keys.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }.sorted()
    }
    let before = try names()
    let told = try await place.run("inspect", "check")
    #expect(told.status == 1 && told.output.contains("Set the device's key right first"), "\(told)")
    #expect(!told.output.contains("keeps this file"), "\(told)")
    let both = try await place.run("inspect", "check", "--repair")
    #expect(both.status == 1 && both.output.contains("✗  log"), "\(both)")
    #expect(both.errors.contains("nothing was repaired"), "\(both)")
    try await place.run("inspect", "check", "--repair", "--json").failure("not-found")
    #expect(try names() == before)
  }

  @Test("What it cannot do says so, and what is sound is left as it is")
  func refused() async throws {
    let place = try Workplace()
    try await place.replica()
    func names() throws -> [String] {
      let names = try FileManager.default.contentsOfDirectory(atPath: place.path("laptop")).sorted()
      // SQLite makes these for whoever reads.
      return names.filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
    }
    let before = try names()
    let sound = try await place.run("inspect", "check", "--repair")
    #expect(sound.status == 0 && !sound.output.contains("new database"))
    #expect(try names() == before)
    #expect(try await place.run("inspect", "check", "--from", "x").status == 64)
    #expect(try await place.run("inspect", "check", "--repair", "--database", "x").status == 64)
    try await place.run("inspect", "check", "--database", "/nowhere", "--json").failure("not-found")
    try await place.run("inspect", "check", "--repair", "--from", "/nowhere", "--json").failure("not-found")
    let error = try await Self.damaged("Lisbon in May").place.run(
      "inspect", "check", "--repair", "--from", place.path("laptop/history.sqlite"), "--json"
    ).failure("damaged")
    #expect(error["remedy"].text.contains("repair it first"))
  }

  @Test("A damaged file that somebody handed over is read, and its folder stays as it is")
  func handedOver() async throws {
    let (place, _) = try await Self.damaged("Lisbon in May")
    let folder = URL(fileURLWithPath: place.path("handed"))
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    let file = folder.appending(path: "a copy.sqlite")
    var bytes = try Data(contentsOf: URL(fileURLWithPath: place.path("laptop/history.sqlite")))
    bytes.replaceSubrange(100..<108, with: Data(repeating: 0xff, count: 8))
    try bytes.write(to: file)
    let before = try place.contents(of: "handed")
    let found = try await place.run("inspect", "check", "--database", file.path)
    #expect(found.status == 1 && Self.joined(found.output).contains("its pages were read one by one"), "\(found)")
    try await place.json("inspect", "check", "--repair")
    try await place.json("inspect", "check", "--repair", "--from", file.path)
    #expect(try place.contents(of: "handed") == before)
    #expect(try place.contents(of: "tmp").isEmpty)
  }

  @Test(
    "A device that lost what it noted of itself knows its space and its name again", .needsPython,
    arguments: [true, false])
  func lostSettings(all: Bool) async throws {
    let (place, id) = try await Workplace.merged()
    if all {
      try await place.lose(page: place.page(of: "setting"))
    } else {
      try await place.alter("UPDATE setting SET value = zeroblob(16) WHERE name = 'space'")
      let found = try await place.run("inspect", "check")
      #expect(found.status == 1 && found.output.contains("“space” is not the space that it belonged to"), "\(found)")
    }
    try await place.json("inspect", "check", "--repair")
    #expect(try await place.json("status")["name"].text == "laptop")
    let daemon = try await Daemon(place, home: "phone")
    let said = try await place.json("say", id, "on it goes")["message"].text
    try await place.json("sync", daemon.address)
    try await daemon.end()
    #expect(try await place.json("show", id, home: "phone")["messages"].array.contains { $0["id"].text == said })
    #expect(try await place.json("inspect", "check")["ok"].bool == true)
  }

}
