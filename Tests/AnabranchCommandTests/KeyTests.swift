import Foundation
import Testing

@testable import AnabranchCommand

/// What protects the device's key, and how a passphrase comes to a command.
@Suite(.timeLimit(.minutes(3))) struct KeyTests {
  /// A replica whose key has the passphrase “one”, and files with that one and another one.
  private static func protected(_ place: Workplace) async throws -> (one: String, two: String) {
    try await place.replica()
    let one = try place.write("one\n", to: "one", executable: false)
    let two = try place.write("two", to: "two", executable: false)
    let report = try await place.json("key", "protect", "--new-passphrase-file", one, "--cost", "10")
    #expect(report["protection"].text == "passphrase" && report["file"].text == place.path("laptop/device.key"))
    return (one, two)
  }

  @Test func onlyWritingAsksForThePassphrase() async throws {
    let place = try Workplace()
    let (one, two) = try await Self.protected(place)
    let error = try await place.run("new", "Trip", "--json").failure("passphrase-needed")
    #expect(error["remedy"].text.contains("--passphrase-file"))
    try await place.run("new", "Trip", "--passphrase-file", two, "--json").failure("wrong-passphrase")
    let id = try await place.json("new", "Trip", "--passphrase-file", one)["conversation"].text
    // The option may stand before the command, too, and a descriptor is as good as a file.
    try await place.json("--passphrase-file", one, "say", id, "one")
    let said = try await place.shell("$anabranch say \(id) two --passphrase-file /dev/fd/3 3< <(cat '\(one)')")
    #expect(said.status == 0, "\(said)")
    #expect(try await place.json("show", id)["messages"].array.count == 2)
    for arguments in [
      ["list"], ["search", "one"], ["status"], ["devices"], ["log"], ["verify"], ["backup", place.path("b")],
    ] {
      let result = try await Command.run(arguments + ["--json"], environment: place.environment())
      #expect(result.status == 0, "\(arguments): \(result.errors)")
    }
    #expect(try await place.json("key")["protection"].text == "passphrase")
    // What a backup has is no key, and what comes of it has one of its own.
    let (backup, key) = (try Data(contentsOf: URL(filePath: place.path("b"))), place.path("laptop/device.key"))
    #expect(backup.range(of: try #require(FileManager.default.contents(atPath: key))) == nil)
    try await place.json("restore-backup", place.path("b"), home: "copy")
    #expect(try await place.json("key", home: "copy")["protection"].text == "none")
  }

  /// Who is told to end while it asks leaves a terminal behind that shows what is typed.
  @Test(arguments: ["TERM", "INT"]) func theTerminalShowsWhatIsTypedAfterASignal(_ name: String) async throws {
    let place = try Workplace()
    _ = try await Self.protected(place)
    let path = try place.write(
      """
      import os, pty, signal, sys
      child, terminal = pty.fork()
      if child == 0:
          os.execvp("sh", ["sh", "-c", '"$1" new Trip; echo "status $?"; stty -a', "sh", sys.argv[1]])
      said, told = b"", False
      while True:
          try:
              data = os.read(terminal, 4096)
          except OSError:
              break
          if not data:
              break
          said += data
          if b"Passphrase" in said and not told:
              told = True
              (asking,) = open(f"/proc/{child}/task/{child}/children").read().split()
              os.kill(int(asking), signal.SIG\(name))
      print(said.decode())
      """, to: "told.py")
    let result = try await place.shell("python3 '\(path)' \"$anabranch\"")
    #expect(result.output.contains("status 130"), "\(result)")
    #expect(result.output.contains(" echo ") && result.output.contains(" icanon"), "\(result)")
    #expect(try await place.json("list").array.isEmpty)
  }

  @Test func aNewKeyGetsThePassphraseThatIsGiven() async throws {
    let place = try Workplace()
    let one = try place.write("one\n", to: "one", executable: false)
    try await place.run("init", "--name", "a", "--passphrase-file", place.path("none"), "--json").failure("not-found")
    #expect(!FileManager.default.fileExists(atPath: place.path("laptop")))
    try await place.json("init", "--name", "a", "--passphrase-file", one)
    #expect(try await place.json("key")["protection"].text == "passphrase")
    try await place.run("new", "Trip", "--json").failure("passphrase-needed")
    try await place.json("new", "Trip", "--passphrase-file", one)
    try await place.json("backup", place.path("b"))
    try await place.json("restore-backup", place.path("b"), "--passphrase-file", one, home: "copy")
    #expect(try await place.json("key", home: "copy")["protection"].text == "passphrase")
  }

  /// A descriptor can be read once, and `join` needs the passphrase twice: for the key that it makes, and to come in with it.
  @Test func whoJoinsGivesItOnce() async throws {
    let place = try Workplace()
    try await place.replica()
    let one = try place.write("one\n", to: "one", executable: false)
    let script = """
      $anabranch pair --yes --json --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
      until [ -s "$folder/pairing" ]; do sleep 0.02; done
      code=$(sed -n 's/.*"code":"\\([^"]*\\)".*/\\1/p' "$folder/pairing" | head -1)
      $anabranch --home "$folder/phone" join --yes --name phone --passphrase-file /dev/fd/3 "$code" 3< <(cat '\(one)')
      joined=$?; wait $pair; exit $joined
      """
    let result = try await place.shell(script)
    #expect(result.status == 0, "\(result)")
    #expect(try await place.json("key", home: "phone")["protection"].text == "passphrase")
    #expect(try await place.json("devices")["devices"].array.count == 2)
  }

  @Test func theDaemonHoldsTheKeyForOthers() async throws {
    let place = try Workplace()
    let (one, _) = try await Self.protected(place)
    try await place.run("serve", "--listen", "127.0.0.1:0", "--json").failure("passphrase-needed")
    let daemon = try await Daemon(place, arguments: ["--passphrase-file", one])
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("say", id, "without a passphrase")
    try await place.run("key", "unprotect", "--passphrase-file", one, "--json").failure("locked")
    #expect(try await daemon.end().status == 0)
    try await place.run("say", id, "x", "--json").failure("passphrase-needed")
    try await place.json("key", "unprotect", "--passphrase-file", one)
    try await place.json("say", id, "x")
  }

  @Test func thePassphraseChangesAndGoes() async throws {
    let place = try Workplace()
    let (one, two) = try await Self.protected(place)
    func change(_ old: String) async throws -> Command.Result {
      try await place.run(
        "key", "protect", "--passphrase-file", old, "--new-passphrase-file", two, "--cost", "10", "--json")
    }
    try await change(two).failure("wrong-passphrase")
    try await place.run("key", "protect", "--new-passphrase-file", two, "--json").failure("passphrase-needed")
    try await place.run("key", "protect", "--passphrase-file", one, "--json").failure("passphrase-needed")
    #expect(try await change(one).status == 0)
    try await change(one).failure("wrong-passphrase")
    #expect(try await place.json("key", "unprotect", "--passphrase-file", two)["protection"].text == "none")
    try await place.json("new", "Trip")
    for cost in ["9", "20", "x", "-1"] {
      #expect(try await place.run("key", "protect", "--cost", cost).status == 64)
    }
    try await place.run("key", "--json", home: "nobody").failure("not-found")
  }

  @Test func aFileOfAPassphraseIsReadWithCare() async throws {
    let place = try Workplace()
    let (one, _) = try await Self.protected(place)
    func refused(_ file: String, as code: String) async throws {
      let error = try await place.run("new", "x", "--passphrase-file", file, "--json").failure(code)
      #expect(!error.canonical.contains("secretive"), "\(error.canonical)")
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o604], ofItemAtPath: one)
    try await refused(one, as: "invalid")
    try await refused(place.path("nothing"), as: "not-found")
    try await refused(place.folder, as: "io")
    try await refused(try place.write("", to: "empty", executable: false), as: "invalid")
    try await refused(try place.write("secretive\ntwo lines", to: "lines", executable: false), as: "invalid")
    try await refused(
      try place.write(String(repeating: "secretive", count: 1_000), to: "long", executable: false), as: "invalid")
    try await refused(try place.write("secretive", to: "wrong", executable: false), as: "wrong-passphrase")
    for (name, text) in [("crlf", "one\r\n"), ("bare", "one")] {
      try await place.json("new", name, "--passphrase-file", try place.write(text, to: name, executable: false))
    }
    #expect(try await place.run("new", "x", "--passphrase-file").status == 64)
  }

  @Test func damageIsToldFromAWrongPassphrase() async throws {
    let place = try Workplace()
    let (one, _) = try await Self.protected(place)
    let key = place.path("laptop/device.key")
    var bytes = try #require(FileManager.default.contents(atPath: key))
    bytes[60] ^= 1
    try bytes.write(to: URL(filePath: key))
    let error = try await place.run("new", "x", "--passphrase-file", one, "--json").failure("damaged")
    #expect(error["message"].text.contains(key) && error["remedy"].text.contains("anabranch backup"))
    try await place.run("key", "--json").failure("damaged")
    #expect(try await place.run("list").status == 0)
  }

  @Test func theSystemServesWithThePassphraseOfAFile() async throws {
    let place = try Workplace()
    let (one, _) = try await Self.protected(place)
    let error = try await place.run("serve", "--install", "--json").failure("passphrase-needed")
    #expect(error["remedy"].text.contains("--passphrase-file") && error["remedy"].text.contains("key keyring"))
    let result = try await place.shell("cd \"$folder\"; $anabranch serve --install --passphrase-file one --json")
    let unit = try String(contentsOfFile: try result.json()["file"].text, encoding: .utf8)
    #expect(unit.contains("\"--passphrase-file\" \"\(one)\""))
  }

  // MARK: The keyring

  @Test func theKeyringIsReachedThroughSecretTool() async throws {
    let place = try Workplace()
    try await place.replica()
    let key = place.path("laptop/device.key")
    let secret = try #require(FileManager.default.contents(atPath: key)).map { String(format: "%02x", $0) }.joined()
    let tool = try FakeSecretTool(in: place)
    func run(_ arguments: String...) async throws -> Command.Result {
      let environment = place.environment().merging(tool.environment) { $1 }
      return try await Command.run(arguments + ["--json"], environment: environment)
    }
    #expect(try await run("key", "keyring").json()["protection"].text == "keyring")
    #expect(try tool.secrets.values.map { $0 } == [secret])
    #expect(try #require(FileManager.default.contents(atPath: key)).count == 74)
    #expect(try await run("new", "Trip").status == 0)
    try await place.run("new", "Trip", "--json", with: ["PATH": "/nowhere"]).failure("no-keyring")
    #expect(try await place.run("list", with: ["PATH": "/nowhere"]).status == 0)
    // It stands nowhere where others can see it.
    #expect(tool.asked.contains("lookup application anabranch device ") && !tool.asked.contains(secret))
    #expect(tool.surroundings.contains("XDG_RUNTIME_DIR=") && !tool.surroundings.contains(secret))
    #expect(try await run("key", "unprotect").json()["protection"].text == "none")
    #expect(try tool.secrets.isEmpty)
    #expect(try await place.run("new", "Trip").status == 0)
  }

  @Test(arguments: [
    ("echo 'no bus' >&2; exit 1", "no-keyring", "no bus"),
    ("exit 1", "no-keyring", "says nothing"),
    ("[ $1 = lookup ] && exit 1; :", "no-keyring", "did not keep"),
    ("kill -9 $$", "no-keyring", "says nothing"),
    ("[ $1 = lookup ] && kill -9 $$; :", "no-keyring", "does not answer"),
    ("exec head -c 100000 /dev/zero", "no-keyring", "far more"),
    ("[ $1 = lookup ] && { echo zz; exit; }; :", "damaged", "something else"),
  ])
  func aKeyringThatFailsChangesNothing(before: String, code: String, words: String) async throws {
    let place = try Workplace()
    try await place.replica()
    let key = try #require(FileManager.default.contents(atPath: place.path("laptop/device.key")))
    let tool = try FakeSecretTool(in: place, before: before)
    let error = try await place.run("key", "keyring", "--json", with: tool.environment).failure(code)
    #expect(error["message"].text.contains(words), "\(error.canonical)")
    #expect(FileManager.default.contents(atPath: place.path("laptop/device.key")) == key)
    #expect(try await place.run("new", "Trip").status == 0)
  }

  // MARK: The terminal

  @Test(.needsPython) func aPersonTypesIt() async throws {
    let place = try Workplace()
    try await place.replica()
    let terminal = try Terminal.prepare(in: place)
    func shell(_ script: String) async throws -> Command.Result { try await place.shell(terminal + "\n" + script) }
    // Both times the same, mended while typing; then two that differ.
    let set = try await shell("talk New $'onf\\x7fe' 'same again' one -- $anabranch key protect --cost 10")
    #expect(set.status == 0 && set.output.contains("✓ the key has a passphrase now"), "\(set)")
    #expect(!set.output.contains("one\r") && !set.output.contains("onf"), "\(set.output.debugDescription)")
    let differs = try await shell(
      "talk 'of this' one New two 'same again' tow -- $anabranch key protect --cost 10")
    #expect(differs.status == 1 && differs.output.contains("two different passphrases"))
    // Wrong twice, then right, while standard input has something else to say.
    let wrote = try await shell("talk key: no key: 'still no' key: one -- $anabranch new Trip")
    #expect(wrote.status == 0 && wrote.output.contains("✓ conversation"), "\(wrote)")
    let id = try await place.json("list")[0]["id"].text
    let said = try await shell("talk key: one -- bash -c 'echo from a pipe | $anabranch say \(id)'")
    #expect(said.status == 0, "\(said)")
    #expect(try await place.json("show", id)["messages"][0]["text"].text == "from a pipe")
    let gaveUp = try await shell("talk key: a key: b key: c -- $anabranch new Other")
    #expect(gaveUp.status == 1 && gaveUp.output.contains("is not that of the device's key"))
  }

  @Test(.needsPython) func whoBreaksOffHasAnEchoingTerminal() async throws {
    let place = try Workplace()
    _ = try await Self.protected(place)
    let terminal = try Terminal.prepare(in: place)
    let script = """
      \(terminal)
      talk key: $'on\\x03' -- bash -c '$anabranch new Trip; echo "status $?"; stty -a | tr " ;" "\\n" | grep -x -e -echo -e echo'
      """
    let result = try await place.shell(script)
    #expect(result.output.contains("status 130") && result.output.contains("\r\necho\r\n"), "\(result)")
    #expect(try await place.json("list").array.isEmpty)
  }

  @Test func whatIsTypedIsCorrected() {
    func typed(_ keys: String) -> String? {
      var line = TypedLine()
      for byte in keys.utf8 {
        switch line.take(byte) {
        case .more: continue
        case .whole: return String(decoding: line.bytes, as: UTF8.self)
        case .brokenOff: return nil
        }
      }
      return "unfinished"
    }
    #expect(typed("one\n") == "one" && typed("one\r") == "one" && typed("one\u{4}") == "one")
    #expect(typed("oneä\u{7F}\u{8}x\n") == "onx" && typed("\u{7F}ab\n") == "ab")
    #expect(typed("wrong\u{15}right\n") == "right")
    #expect(typed("a\u{1B}\tb\n") == "ab")
    #expect(typed("on\u{3}") == nil && typed("\u{4}") == nil)
    #expect(typed(String(repeating: "x", count: 5_000) + "\n")?.count == 1_025)
  }
}
