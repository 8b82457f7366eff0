import Foundation
import Testing

/// Devices that come in, as people do it: in a terminal, and with a daemon that has the replica.
@Suite(.timeLimit(.minutes(3))) struct PairingTests {
  /// A code that nobody listens for.
  private static let code = "afkv-" + String(repeating: "kvkv-", count: 12) + "lg7e@127.0.0.1:1"

  /// Pairs a phone in a terminal, where somebody answers, and expects both commands to end as they should.
  private func pair(
    _ place: Workplace, answering answer: String, options: String = "", expecting statuses: String
  ) async throws -> String {
    let script =
      try Terminal.prepare(in: place) + """

        terminal 'Let it in?' '\(answer)' $anabranch pair --no-picture --listen 127.0.0.1:0 \(options) \
          > "$folder/pairing" & pair=$!
        $anabranch --home "$folder/phone" join "$(code "$folder/pairing")" --name phone > "$folder/joining" 2>&1; join=$?
        wait $pair; echo "$join $?"
        """
    let result = try await place.shell(script)
    #expect(result.output == statuses + "\n", "\(result.errors)")
    return try String(contentsOfFile: place.path("pairing"), encoding: .utf8)
      + String(contentsOfFile: place.path("joining"), encoding: .utf8)
  }

  @Test(.needsPython, arguments: [false, true]) func aPersonIsAskedAndSaysYes(isByDaemon: Bool) async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = isByDaemon ? try await Daemon(place) : nil
    let said = try await pair(place, answering: "y", options: "--role writer", expecting: "0 0")
    let devices = try await place.json("devices", home: "phone")["devices"].array
    #expect(devices.map { $0["role"].text } == ["owner", "writer"])
    // The newcomer's fingerprint shows on both sides, the other one on the newcomer.
    #expect(said.contains("“phone” wants to come in, as writer") && said.contains("“laptop” lets it in, as writer"))
    for (device, count) in zip(devices, [1, 2]) {
      #expect(said.components(separatedBy: device["fingerprint"].text).count > count)
    }
    try await daemon?.end()
  }

  @Test(.needsPython, arguments: [false, true]) func aPersonIsAskedAndSaysNo(isByDaemon: Bool) async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = isByDaemon ? try await Daemon(place) : nil
    let said = try await pair(place, answering: "", expecting: "1 1")
    #expect(said.contains("“phone” did not come in: it was not let in"))
    #expect(try await place.json("devices")["devices"].array.count == 1)
    #expect(try await place.json("list", home: "phone").array.isEmpty)
    try await daemon?.end()
  }

  /// Nobody has to answer what does not matter any more.
  @Test(.needsPython, arguments: [false, true]) func aQuestionIsOverWhenTheNewcomerGoes(isByDaemon: Bool) async throws {
    let place = try Workplace()
    try await place.replica()
    let daemon = isByDaemon ? try await Daemon(place) : nil
    let script =
      try Terminal.prepare(in: place) + """

        terminal '' '' $anabranch pair --no-picture --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
        $anabranch --home "$folder/phone" join "$(code "$folder/pairing")" --name phone >&2 & join=$!
        until grep -q 'Let it in?' "$folder/pairing"; do sleep 0.05; done
        kill -KILL $join
        wait $pair; echo $?
        """
    let start = ContinuousClock.now
    #expect(try await place.shell(script).output == "1\n")
    #expect(start.duration(to: .now) < .seconds(60))
    let said = try String(contentsOfFile: place.path("pairing"), encoding: .utf8)
    #expect(said.contains("“phone” did not come in: the connection broke"))
    #expect(try await place.json("devices")["devices"].array.count == 1)
    try await daemon?.end()
  }

  @Test func whoHasAHistoryIsNotBroughtAlongUnasked() async throws {
    let place = try Workplace()
    try await place.replica()
    let refused = try await place.run("join", Self.code, "--json").failure("invalid")
    #expect(refused["remedy"].text.contains("--yes"))
    // With that it goes on, as far as there is somebody.
    try #expect(await place.run("join", Self.code, "--yes", "--json").failure("unreachable")["message"].isText)
  }

  @Test(.needsPython, arguments: [false, true]) func whoHasAHistoryIsAskedBeforeItComesAlong(isByDaemon: Bool)
    async throws
  {
    let place = try Workplace()
    try await place.replica()
    try await place.json("init", "--name", "phone", home: "phone")
    try await place.json("new", "Mine", home: "phone")
    let daemon = isByDaemon ? try await Daemon(place, home: "phone") : nil
    for (answer, statuses) in [("n", "130 1"), ("y", "0 0")] {
      let script =
        try Terminal.prepare(in: place) + """

          rm -f "$folder/pairing"
          $anabranch pair --yes --json --listen 127.0.0.1:0 > "$folder/pairing" 2> "$folder/refused" & pair=$!
          terminal 'Come in there?' '\(answer)' $anabranch --home "$folder/phone" join "$(code "$folder/pairing")" \
            > "$folder/joining"; join=$?
          wait $pair; echo "$join $?"
          """
      let result = try await place.shell(script)
      #expect(result.output == statuses + "\n", "\(result.errors)")
      let said = try String(contentsOfFile: place.path("joining"), encoding: .utf8)
      #expect(said.contains("“laptop” lets it in, as owner"))
      let titles = try await place.json("list").array.map { $0["title"].text }
      #expect(titles == (answer == "y" ? ["Mine"] : []))
      if answer == "n" {
        let refused = try String(contentsOfFile: place.path("refused"), encoding: .utf8)
        #expect(refused.contains("did not come in: it does not want to come in"))
      }
    }
    try await daemon?.end()
  }

  @Test func aCodeIsReadFromStandardInput() async throws {
    let place = try Workplace()
    try await place.replica()
    let script =
      try Terminal.prepare(in: place) + """

        $anabranch pair --yes --json --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
        code "$folder/pairing" | $anabranch --home "$folder/phone" join - --name phone || exit 1
        wait $pair
        """
    #expect(try await place.shell(script).status == 0)
    #expect(try await place.json("devices", home: "phone")["devices"].array.count == 2)
  }

  // MARK: The recovery phrase

  /// Nobody has seen the words: then there is no space either, and `pair` founds one, which shows them.
  @Test(arguments: [false, true]) func noSpaceIsFoundedBeforeItsPhraseWasShown(isByDaemon: Bool) async throws {
    let place = try Workplace()
    #expect(try await place.shell("$anabranch init --name laptop > /dev/full").status == 1)
    #expect(try await place.json("devices")["devices"].array.isEmpty)
    let daemon = isByDaemon ? try await Daemon(place) : nil
    #expect(try await place.shell("$anabranch pair --yes --json --listen 127.0.0.1:0 > /dev/full").status == 1)
    #expect(try await place.json("devices")["devices"].array.isEmpty)
    let script =
      try Terminal.prepare(in: place) + """

        $anabranch pair --yes --json --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
        $anabranch --home "$folder/phone" join "$(code "$folder/pairing")" --name phone >&2 || exit 1
        wait $pair
        sed -n '1s/.*"recovery":"\\([^"]*\\)".*/\\1/p' "$folder/pairing"
        """
    let result = try await place.shell(script)
    #expect(result.status == 0, "\(result)")
    try await daemon?.end()
    let recovered = try await place.json("recover", home: "phone", stdin: result.output)
    #expect(recovered["role"].text == "owner")
  }

  @Test func aReaderRecovers() async throws {
    let place = try Workplace()
    let phrase = try await place.json("init", "--name", "laptop")["recovery"].text
    let script =
      try Terminal.prepare(in: place) + """

        $anabranch pair --role reader --yes --json --listen 127.0.0.1:0 > "$folder/pairing" & pair=$!
        $anabranch --home "$folder/phone" join "$(code "$folder/pairing")" --name phone || exit 1
        wait $pair
        """
    #expect(try await place.shell(script).status == 0)
    let wrong = try await Command.run(
      ["recover", "--json"], stdin: Array("lusab bahab secret".utf8), environment: place.environment(home: "phone"))
    #expect(try !wrong.failure("invalid")["message"].text.contains("secret"))
    #expect(try await place.json("recover", home: "phone", stdin: phrase + "\n")["role"].text == "owner")
    #expect(try await place.json("new", "Trip", home: "phone")["conversation"].isText)
    let text = try await place.run("recover", "--alone", home: "phone", stdin: phrase)
    #expect(text.output.contains("phone") && text.output.contains("as owner"))
    let roles = try await place.json("devices", home: "phone")["devices"].array.map { $0["role"].text }
    #expect(roles == ["removed", "owner"] || roles == ["owner", "removed"])
  }
}
