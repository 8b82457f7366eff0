import Foundation
import Testing

/// Answers that come word by word, and those who watch them.
@Suite(.timeLimit(.minutes(3))) struct StreamingTests {
  /// What a script writes to a pipe whose other end writes a message.
  private static let talking = """
    { printf 'Once upon'; sleep 0.3; printf ' a \\346\\231'; sleep 0.3; printf '\\202\\n'; sleep 0.3; printf 'The end.\\n'; }
    """

  @Test func wordsOnStandardInputBecomeOneMessageAloneAndThroughADaemon() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    for isServed in [false, true] {
      let daemon = isServed ? try await Daemon(place) : nil
      let said = try await place.shell(
        "\(Self.talking) | $anabranch say \(id) --as assistant --model m-1 --stream --json"
      ).json()
      let message = try #require(try await place.json("show", id)["messages"].array.last)
      #expect(message["id"].text == said["message"].text && said["conversation"].text == id)
      #expect(message["text"].text == "Once upon a 時\nThe end.", "without the last newline")
      #expect(message["role"].text == "assistant" && message["model"].text == "m-1")
      try await daemon?.end()
    }
    #expect(try await place.json("show", id)["messages"].array.count == 2)
    #expect(try await place.json("verify")["ok"].bool == true)
  }

  @Test func interruptingKeepsWhatCame() async throws {
    let place = try Workplace()
    try await place.replica()
    func script(_ id: String) -> String {
      """
      mkfifo "$folder/pipe"; exec 7<>"$folder/pipe"
      $anabranch say \(id) --as assistant --stream --json < "$folder/pipe" & say=$!
      printf 'half a sente' >&7
      until $anabranch show \(id) --json | grep -q 'half a sente'; do sleep 0.05; done
      kill -INT $say; wait $say; status=$?; rm "$folder/pipe"; exit $status
      """
    }
    for served in [false, true] {
      let daemon = served ? try await Daemon(place) : nil
      let id = try await place.json("new", "Trip")["conversation"].text
      let error = try await place.shell(script(id)).failure("interrupted", status: 130)
      try await daemon?.end()
      let messages = try await place.json("show", id)["messages"].array
      #expect(messages.map(\.["text"].text) == ["half a sente"])
      #expect(error["remedy"].text == "what came before is kept, as message \(messages.first?["id"].text ?? "")")
      #expect(try await place.json("say", id, "next")["message"].isText, "nobody holds the replica any more")
    }
  }

  @Test func nothingAndRubbishAreRefused() async throws {
    let place = try Workplace()
    try await place.replica()
    for served in [false, true] {
      let daemon = served ? try await Daemon(place) : nil
      let id = try await place.json("new", "Trip")["conversation"].text
      for input in ["", " ", "\n\n "] {
        let error = try await place.run("say", id, "--stream", "--json", stdin: input).failure("invalid")
        #expect(error["message"].text.contains("expected a text"))
      }
      #expect(try await place.json("show", id)["messages"].array.isEmpty)
      try await place.run("say", "ffffffff", "--stream", "--json", stdin: "x").failure("not-found")
      try await place.shell("printf 'good \\377' | $anabranch say \(id) --stream --json").failure("invalid")
      #expect(try await place.json("show", id)["messages"].array.map(\.["text"].text) == ["good "], "it is kept")
      try await daemon?.end()
    }
    let usage = try await place.run("say", "ffffffff", "a text", "--stream", "--json", stdin: "x")
    try usage.failure("usage", status: 64)
  }

  @Test func somebodyWatchesWhatStreamsOnAnotherDevice() async throws {
    let place = try Workplace()
    for home in ["laptop", "phone", "desktop"] { try await place.replica(home) }
    let phone = try await Daemon(place, home: "phone")
    let laptop = try await Daemon(place, peers: [phone.address])
    let desktop = try await Daemon(place, home: "desktop", peers: [phone.address])
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.wait(for: "the desktop to have the conversation") {
      try await place.json("list", home: "desktop").array.count == 1
    }
    let script = """
      $anabranch --home "$folder/desktop" watch \(id) --json > "$folder/events" & watch=$!
      $anabranch --home "$folder/desktop" watch > "$folder/lines" & lines=$!
      until grep -q watching "$folder/events"; do sleep 0.05; done
      $anabranch say \(id) "Tell me a story." --json > /dev/null
      until grep -q story "$folder/events" && grep -q story "$folder/lines"; do sleep 0.05; done
      mkfifo "$folder/pipe"; exec 7<>"$folder/pipe"
      $anabranch say \(id) --as assistant --stream --json < "$folder/pipe" > "$folder/said" & say=$!
      for word in 'Once ' 'upon ' 'a\\n' 'time.'; do printf "$word" >&7; sleep 0.4; done
      until grep -q 'time[.]' "$folder/events"; do sleep 0.05; done
      $anabranch --home "$folder/desktop" show \(id) --json > "$folder/during"
      exec 7>&-; kill -INT $say; wait $say
      until grep 'time[.]' "$folder/events" | grep -q '"live":false'; do sleep 0.05; done
      until grep -q 'time[.]' "$folder/lines"; do sleep 0.05; done
      kill -TERM $watch $lines; wait $watch; first=$?; wait $lines; exit $((first + $?))
      """
    #expect(try await place.shell(script).status == 0)
    let events = try String(contentsOfFile: place.path("events"), encoding: .utf8).split(separator: "\n").map {
      JSON(value: try JSONSerialization.jsonObject(with: Data($0.utf8)))
    }
    #expect(events.first?["event"].text == "watching")
    let answer = events.filter { $0["role"].text == "assistant" && !$0["text"].text.isEmpty }
    let texts = answer.map(\.["text"].text)
    #expect(zip(texts, texts.dropFirst()).allSatisfy { $1.hasPrefix($0) }, "\(texts)")
    #expect(texts.count >= 3 && texts.first?.hasSuffix("time.") == false, "while it streams: \(texts)")
    #expect(answer.dropLast().contains { $0["live"].bool == true } && answer.last?["live"].bool == false)
    #expect(answer.last?["text"].text == "Once upon a\ntime." && answer.last?["conversation"].text == id)
    let lines = try String(contentsOfFile: place.path("lines"), encoding: .utf8)
    #expect(lines.contains("Tell me a story.\n") && lines.hasSuffix("Once upon a\ntime.\n"), "\(lines)")
    #expect(lines.components(separatedBy: "Once upon").count == 2, "nothing is printed twice")
    for daemon in [laptop, desktop, phone] { try await daemon.end() }
  }

  @Test func watchingNeedsADaemonAndAConversation() async throws {
    let place = try Workplace()
    try await place.replica()
    try await place.run("watch", "--json").failure("unreachable")
    let daemon = try await Daemon(place)
    try await place.run("watch", "ffffffff", "--json").failure("not-found")
    try await daemon.end()
  }
}
