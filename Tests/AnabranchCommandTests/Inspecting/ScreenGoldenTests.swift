import Anabranch
import Foundation
import Testing

@testable import AnabranchCommand

/// The screen on a real history, as it reads at 80 columns, and at 100, side by side.
@Suite(.timeLimit(.minutes(3))) struct ScreenGoldenTests {
  private static let wide = ScreenSize(rows: 24, columns: 100)

  /// The screen after those keys, with identifiers, times and sizes blotted out, each as wide as it was.
  private func frame(_ place: Workplace, pressing keys: String = "", _ size: ScreenSize = wide) async throws
    -> Frame
  {
    let home = Home(place.path("laptop"))
    let reader = ScreenReader(try await Replica.read(at: home), servedAt: home)
    let screen = try await reader.settled(Screen(size), pressing: KeyParser.keys(of: keys))
    try await reader.close()
    return screen.frame
  }

  private func blotted(_ text: String) -> String {
    func blot(_ text: Substring) -> String { String(repeating: "x", count: text.count) }
    return text.replacing(/\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d\.\d{3}Z)?/) { $0.0.replacing(/\d/, with: "0") }
      .replacing(/\b[0-9a-f]{8,}\b/) { blot($0.0) }.replacing(/bytes {9}\d{2,3}/) { $0.0.replacing(/\d/, with: "0") }
  }

  /// The graph and one pane, without colours.
  @Test func readsSideBySide() async throws {
    let (place, _) = try await Workplace.merged()
    let frame = try await frame(place)
    let text = blotted(frame.text)
    #expect(
      text == """
        History · 1 of 11                          │ [Change] Why Peers Conflicts Diverged
        ▸● phone    renamed “Trip” to “Lisbon in M…│ Change 4  phone  xxxxxxxxxxxxxxxxxxxx…  action xxxxxxxx
         ● phone    said “Which way is it to the s…│   made          0000-00-00T00:00:00.000Z
         ● phone    tagged “Lisbon in May” “travel”│   hash          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
         │ ● laptop   deleted “Lisbon in May”      │                 xxxxxxxxxxxxxxxxxxxxxxxxx
         │ ● laptop   took the tag “travel” from “…│   bytes         00
         │ ● laptop   tagged “Lisbon in …” “travel”│   signed        at change 4 of its log
         │ ● laptop   renamed “Trip” to “Lisbon”   │   builds on     change 3 of its log, 3 of laptop
         ├─╯                                       │   known on      phone
         ●   laptop   began “Trip”                 │   0  writes the title of  xxxxxxxx  13 B
         ├─╮                                       │
         ● │ laptop   let “phone” in, as owner     │
         │ ● phone    let “phone” in, as owner     │
         ● laptop   let “laptop” in, as owner      │

        """ + String(repeating: String(repeating: " ", count: 43) + "│\n", count: 9)
        + "↑↓ move  Enter open  Tab pane  / search  r reload  ? help  q quit")
    let plain = frame.drawing(after: nil, isColored: false)
    var terminal = VirtualTerminal(Self.wide)
    try terminal.take(plain)
    #expect(terminal.text == frame.text && !terminal.isColored)
  }

  /// Three lanes beside each other leave room for what was done.
  @Test func readsThreeDevicesThatDiverged() async throws {
    let place = try Workplace()
    for home in ["laptop", "phone", "desk"] { try await place.replica(home) }
    let id = try await place.json("new", "Trip to Lisbon")["conversation"].text
    let phone = try await Daemon(place, home: "phone")
    let desk = try await Daemon(place, home: "desk")
    for daemon in [phone, desk, phone] { try await place.json("sync", daemon.address) }
    try await place.json("title", id, "Trip to Lisbon in May")
    try await place.json("tag", id, "travel")
    for words in ["In May, the jacarandas bloom", "By train"] { try await place.json("say", id, words, home: "phone") }
    try await place.json("say", id, "Not before June", home: "desk")
    for daemon in [phone, desk, phone] { try await place.json("sync", daemon.address) }
    try await place.json("say", id, "June it is")
    let text = blotted(try await frame(place, .standard).text)
    #expect(
      text.hasPrefix(
        """
        History · 1 of 12
        ▸● xxxxxxxx/7  0000-00-00 00:00  laptop      said “June it is”
         ├─┬─╮
         ● │ │ xxxxxxxx/2  0000-00-00 00:00  desk        said “Not before June”
         │ ● │ xxxxxxxx/3  0000-00-00 00:00  phone       said “By train”
         │ ● │ xxxxxxxx/2  0000-00-00 00:00  phone       said “In May, the jacarandas b…
         │ │ ● xxxxxxxx/6  0000-00-00 00:00  laptop      tagged “Trip to Lisb…” “travel”
         │ │ ● xxxxxxxx/5  0000-00-00 00:00  laptop      renamed “Trip to…” to “Trip to…
         ├─┴─╯
         ●     xxxxxxxx/4  0000-00-00 00:00  laptop      began “Trip to Lisbon”
         ├─╮
        [Change] Why Peers Conflicts Diverged
        Change 7  laptop  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  action xxxxxxxx
          made          0000-00-00T00:00:00.000Z
          hash          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
          bytes         000

        """), "\(text)")
  }

  /// With colours; what is a sequence to the terminal stands in angle brackets.
  @Test func readsInColours() async throws {
    let (place, _) = try await Workplace.merged()
    let drawing = try await frame(place).drawing(after: nil, isColored: true)
      .replacing(/\x1B\[([0-9;]*)([a-zA-Z])/) { "⟨\($0.1)\($0.2)⟩" }
    let rows = blotted(drawing).split(separator: /⟨[0-9]+;1H⟩/).map(String.init)
    #expect(rows.count == 25 && rows[0] == "⟨0m⟩⟨2J⟩")
    let blanks = String(repeating: " ", count: 26)
    #expect(
      rows[1]
        == "⟨0;1m⟩History · 1 of 11⟨0m⟩\(blanks)⟨0;2m⟩│⟨0m⟩ ⟨0;1m⟩[Change]⟨0m⟩ ⟨0;2m⟩Why⟨0m⟩ ⟨0;2m⟩Peers⟨0m⟩ "
        + "⟨0;2m⟩Conflicts⟨0m⟩ ⟨0;2m⟩Diverged⟨0m⟩                  ")
    #expect(
      rows[2]
        == "⟨0;1;7m⟩▸⟨0;1;2;7m⟩● ⟨0;1;7;36m⟩phone  ⟨0;1;7m⟩  renamed “Trip” to “Lisbon in M…⟨0;2m⟩│⟨0m⟩ "
        + "⟨0;1m⟩Change 4⟨0m⟩  ⟨0;36m⟩phone⟨0m⟩  ⟨0;2m⟩xxxxxxxxxxxxxxxxxxxx…⟨0m⟩  ⟨0;33m⟩action xxxxxxxx⟨0m⟩")
    #expect(
      rows[8].hasPrefix(
        " ⟨0;2m⟩│ ● ⟨0;36m⟩laptop ⟨0m⟩  renamed “Trip” to “Lisbon”   ⟨0;2m⟩│⟨0m⟩   ⟨0;2m⟩builds on     ⟨0m⟩change "))
    #expect(
      rows[24]
        == "⟨0;7m⟩↑↓ move  Enter open  Tab pane  / search  r reload  ? help  q quit\(String(repeating: " ", count: 35))⟨0m⟩"
    )
  }

  @Test func saysWhatTheCommandsSay() async throws {
    let (place, id) = try await Workplace.merged()
    let why = try await blotted(frame(place, pressing: "jj\t").text)
    for line in [
      "History · 3 of 11                          │ Change [Why] Peers Conflicts Diverged",
      "▸● phone    tagged “Lisbon in May” “travel”│ ✓  xxxxxxxx  phone    added it",
      "│     It counts: no removal that counts had", "│     Removed by xxxxxxxx on laptop, whose",
    ] { #expect(why.contains(line), "\(line)") }
    let conflicts = try await frame(place, pressing: "4\r").text
    #expect(conflicts.contains("▸[Conflicts]") && conflicts.contains("│ \(id.prefix(8))  title  Lisbon in May\n"))
    #expect(
      conflicts.contains("  phone    wrote “Lisbon in May”\n") && conflicts.contains("  laptop   wrote “Lisbon”\n"))
    let peers = try await frame(place, pressing: "3").text
    #expect(peers.contains("│ phone             has everything  at 127.") && peers.contains("│     met 2"))
    #expect(try await frame(place, pressing: "5").text.contains("│ The conversation that it is about has not"))
    #expect(try await frame(place, pressing: "?").text.hasPrefix(Screen.help.joined(separator: "\n")))
    // The roster's changes are about no conversation and write no value.
    #expect(try await frame(place, pressing: "G5").text.contains("│ Nothing has diverged."))
    #expect(try await frame(place, pressing: "G2").text.contains("│ It wrote no message, text, title, tag or"))
    let narrow = try await frame(place, pressing: "/deleted\r2", ScreenSize(rows: 20, columns: 40)).text
    #expect(
      narrow.hasPrefix("History · 4 of 11\n ● phone    renamed “Trip” to “Lisbon i…\n"), "\(narrow)")
    #expect(narrow.contains("\nChange [Why] Peers Conflicts Diverged\n\(id.prefix(8)) does not lie in the trash.\n"))
  }

  /// Of a message, whether it shows and where it is read; of what took it back, that.
  @Test func saysWhyAMessageShowsAndIsReadWhereItIs() async throws {
    let (place, id) = try await Workplace.merged()
    let daemon = try await Daemon(place, home: "phone")
    try await place.json("say", id, "Left.")
    try await place.json("say", id, "Right.", home: "phone")
    try await place.json("sync", daemon.address)
    func pane(_ keys: String) async throws -> String {
      let text = blotted(try await frame(place, pressing: keys, ScreenSize(rows: 32, columns: 100)).text)
      let rows = text.split(separator: "\n").dropFirst().dropLast().map { $0.dropFirst(45) }
      return rows.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
    #expect(
      try await pane("/Left\r2") == """
        The message xxxxxxxx shows.

        ✓  xxxxxxxx  laptop   said “Left.”
            It counts: nobody took it back.
            It builds on change 7 of laptop, change 4 of phone.

        xxxxxxxx is read as message 2 of 3 in “Lisbon in May”.

        It follows the message that its writer was shown last:
            xxxxxxxx  user       “Which way is it to the sea?”

        Beside it, since neither follows from the other:

        ↓ after it: 1 message, phone
            xxxxxxxx  user       “Right.”
            xxxxxxxx was written first, at
            0000-00-00T00:00:00.000Z, and xxxxxxxx at
            0000-00-00T00:00:00.000Z, by their writers' clocks:
            the earlier one goes first, with what goes on from
            it.
        """)
    try await place.json("undo")
    #expect(
      try await pane("2") == """
        The message xxxxxxxx does not show: it was taken back.

        ✓  xxxxxxxx  laptop   took it back
            It hides it: its writer had seen all that was done
            to it, and nothing follows it that shows.
            It builds on change 8 of laptop, change 5 of phone.

        ·  xxxxxxxx  laptop   said “Left.”
            Taken back by the undo xxxxxxxx on laptop.
            It builds on change 7 of laptop, change 4 of phone.
        """)
  }

  @Test func saysWhyATextReadsAsItDoes() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    let message = try await place.json("say", id, "By train")["message"].text
    for text in ["By night train", "By night train or bus"] { try await place.json("edit", message, text) }
    func pane(_ keys: String) async throws -> String {
      let text = blotted(try await frame(place, pressing: keys, ScreenSize(rows: 28, columns: 100)).text)
      let rows = text.split(separator: "\n").dropFirst().dropLast().map { $0.dropFirst(45) }
      return rows.joined(separator: "\n").trimmingCharacters(in: .newlines)
    }
    // Each edit is told of with all that was done to the text.
    let told = """
      The text of xxxxxxxx is “By night train or bus”.

      It began with:

      ✓  xxxxxxxx  laptop   said “By train”
          All of it shows.

      Then, in this order:

      ✓  xxxxxxxx  laptop   inserted “night ”
          Its writer had seen all before it; nobody else
          wrote meanwhile.

      ✓  xxxxxxxx  laptop   inserted “ or bus”
          Its writer had seen all before it; nobody else
          wrote meanwhile.
      """
    #expect(try await pane("2") == told)
    #expect(try await pane("j2") == told)
    try await place.json("purge", message, "--now", "--yes")
    let gone = try await frame(place, pressing: "/edited\r2").text
    #expect(gone.contains(/│ The message \w{8} was purged/) && !gone.contains("The text of"), "\(gone)")
  }

  /// A purge of a conversation, and what was written in it before.
  @Test func saysWhoPurgedAConversation() async throws {
    let place = try Workplace()
    try await place.replica()
    let id = try await place.json("new", "Trip")["conversation"].text
    try await place.json("tag", id, "travel")
    try await place.json("purge", id, "--yes")
    let told = """
      The conversation xxxxxxxx was purged: it is hidden for…

      ✓  xxxxxxxx  laptop   purged it
          It takes it from every device, whatever else was
          done to it or will be. Its bytes go from this
          device after 0000-00-00 00:00.
          It builds on change 3 of laptop.
      """
    for keys in ["2", "2j", "2jj"] {
      let text = blotted(try await frame(place, pressing: keys).text)
      let rows = text.split(separator: "\n").dropFirst().dropLast().map { $0.dropFirst(45) }
      #expect(rows.joined(separator: "\n").trimmingCharacters(in: .newlines) == told, "\(keys): \(text)")
    }
  }

  @Test func saysWhyMessagesOfAnImportShow() async throws {
    let place = try Workplace()
    try await place.replica()
    let file = try place.write(Histories.chatGPT(conversations: 1, messages: 8), to: "conversations.json")
    try await place.json("import", file)
    let text = try await frame(place, pressing: "2", ScreenSize(rows: 300, columns: 100)).text
    #expect(text.contains("│ The title of "))
    // With the branch of the first one there are nine; of so many it is said where they are read.
    #expect(text.matches(of: /The message [0-9a-f]{8} shows\./).count == 9)
    #expect(text.matches(of: /[0-9a-f]{8} is read as message [1-9] of 9 in/).count == 5)
  }

  @Test func isDrawnAsAPicture() async throws {
    let (place, _) = try await Workplace.merged()
    let file = place.path("screen.svg")
    let drawn = try await place.run("inspect", "tui", "--svg", file, "--keys", "jj\t")
    #expect(drawn.status == 0 && drawn.output.isEmpty && drawn.errors == "anabranch: the picture is in \(file)\n")
    let svg = try String(contentsOfFile: file, encoding: .utf8)
    #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n") && svg.contains(">[Why]</text>"))
    #expect(svg.contains("  added it</text>"))
  }

  @Test func saysWhatItNeeds() async throws {
    let place = try Workplace()
    try await place.replica()
    let nowhere = try await place.run("inspect", "tui")
    #expect(nowhere.status == 1 && nowhere.output.isEmpty)
    #expect(nowhere.errors.contains("expected a terminal to draw on") && nowhere.errors.contains("inspect log --graph"))
    try await place.run("inspect", "tui", "--json").failure("usage", status: 64)
    #expect(try await place.run("inspect", "tui", "--keys", "j").status == 64)
    #expect(try await place.run("inspect", "tui", "--svg", "").status == 64)
    // What is wrong with the replica is said on the page that one has.
    let nothing = try await place.run("inspect", "tui", "--svg", place.path("x.svg"), home: "phone")
    #expect(nothing.status == 1 && nothing.errors.contains("phone"))
  }
}
