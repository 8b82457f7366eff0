import Foundation
import Testing

/// `inspect tui` as somebody sees it who sits at a terminal, and what remains there afterwards.
@Suite(.enabled(if: Tmux.isThere, "needs tmux"), .timeLimit(.minutes(3))) struct ScreenTerminalTests {
  /// A terminal in which the screen is up, on a history; `pid` there says which process that is.
  private func opened(_ arguments: String = "", columns: Int = 80, rows: Int = 24) async throws -> (
    Workplace, String, Tmux
  ) {
    let (place, id) = try await Workplace.merged()
    let tmux = try await Tmux(place, columns: columns, rows: rows)
    try await tmux.type("clear; echo before; PS1='% '")
    try await tmux.shows("before\n%")
    try await tmux.type(
      "(echo $BASHPID > \(place.path("pid")); exec $anabranch inspect tui \(arguments)); echo status $?")
    try await tmux.shows("? help  q quit")
    return (place, id, tmux)
  }

  private func isRestored(_ tmux: Tmux, status: Int) async throws {
    try await tmux.shows("status \(status)\n")
    // The first page is seen, with what stood there; the cursor is, too, and lines are wrapped.
    #expect(try await tmux.screen().contains("before\n"))
    #expect(try await tmux.state() == ["0", "1", "1"])
    // What is typed shows, and whole lines are read.
    try await tmux.type(
      "stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon|isig|icrnl|ixon)' | sort | tr '\\n' +")
    try await tmux.shows("echo+icanon+icrnl+isig+ixon+%")
  }

  private func signal(_ number: Int32, in place: Workplace) throws {
    let pid = try String(contentsOfFile: place.path("pid"), encoding: .utf8)
    #expect(kill(try #require(Int32(pid.trimmingCharacters(in: .whitespacesAndNewlines))), number) == 0)
  }

  @Test func isWalkedThrough() async throws {
    let (_, id, tmux) = try await opened()
    #expect(try await tmux.state() == ["1", "0", "0"])
    var screen = try await tmux.shows("Change 4  phone")
    #expect(screen.hasPrefix("History · 1 of 11"))
    #expect(screen.contains(/▸● [0-9a-f]{8}\/4  .{16}  phone       renamed “Trip” to “Lisbon in May”\n/), "\(screen)")
    try await tmux.press("2")
    screen = try await tmux.shows("[Why]")
    try await tmux.shows("The title of \(id.prefix(8)) is “Lisbon in May”.")
    // An arrow is one key, though it comes as several bytes.
    try await tmux.press("Down", "Down")
    screen = try await tmux.shows("3 of 11")
    try await tmux.shows("has the tag “travel”")
    try await tmux.press("/")
    try await tmux.tell("send-keys", "-l", "deleted")
    try await tmux.shows("/deleted▏")
    try await tmux.press("Enter")
    try await tmux.shows("▸│ ● ")
    try await tmux.press("Tab", "Tab", "Right")
    try await tmux.shows("▸[Conflicts]")
    try await tmux.press("?")
    try await tmux.shows("read again, with what has come since")
    try await tmux.press("Escape")
    try await tmux.shows("▸[Conflicts]")
    try await tmux.press("Left")
    try await tmux.shows("▸│ ● ")
    try await tmux.press("q")
    try await isRestored(tmux, status: 0)
  }

  @Test(.needsPython) func goesOnPastDamageThatAPaneMeets() async throws {
    let (place, id, tmux) = try await opened()
    try await tmux.press("q")
    try await isRestored(tmux, status: 0)
    try await place.lose(page: place.page(of: "unshown"))
    try await tmux.type("clear; $anabranch inspect tui; echo status $?")
    try await tmux.shows("Change 4  phone")
    try await tmux.press("Down")
    try await tmux.shows("2 of 11")
    try await tmux.press("2")
    // It begins anew, with the first change and the first pane.
    try await tmux.shows("1 of 11")
    try await tmux.press("2")
    try await tmux.shows("The title of \(id.prefix(8)) is “Lisbon in May”.")
    try await tmux.press("q")
    try await tmux.shows("status 0\n")
    #expect(try await tmux.screen().contains("is damaged ("))
  }

  @Test(arguments: [(SIGTERM, 143), (SIGINT, 130), (SIGHUP, 129)])
  func theTerminalIsPutBackWhenItIsEnded(number: Int32, status: Int) async throws {
    let (place, _, tmux) = try await opened()
    try signal(number, in: place)
    try await isRestored(tmux, status: status)
  }

  @Test func isBrokenOffByTheKeyboard() async throws {
    let (_, _, tmux) = try await opened()
    try await tmux.press("C-c")
    try await isRestored(tmux, status: 130)
  }

  @Test func isSuspendedAndGoesOn() async throws {
    let (place, _, tmux) = try await opened()
    for isByKey in [true, false] {
      try await tmux.press("G")
      try await tmux.shows("11 of 11")
      if isByKey { try await tmux.press("C-z") } else { try signal(SIGTSTP, in: place) }
      try await tmux.shows("Stopped")
      #expect(try await tmux.state() == ["0", "1", "1"])
      try await tmux.type("clear; stty -a | tr ' ;' '\\n\\n' | grep -xE -- '-?(echo|icanon)' | sort | tr '\\n' +")
      try await tmux.shows("echo+icanon+%")
      try await tmux.type("fg")
      try await tmux.shows("11 of 11")
      #expect(try await tmux.state() == ["1", "0", "0"])
      try await tmux.press("g")
      try await tmux.shows("1 of 11")
    }
    try await tmux.press("C-z")
    try await tmux.shows("Stopped")
    try await tmux.type("clear; kill %1; sleep 1; echo; jobs; echo none left")
    try await tmux.shows("none left\n%")
    #expect(try await tmux.state() == ["0", "1", "1"])
    let pid = try String(contentsOfFile: place.path("pid"), encoding: .utf8).trimmingCharacters(
      in: .whitespacesAndNewlines)
    try await place.wait(for: "the end") { kill(Int32(pid) ?? 0, 0) == -1 }
  }

  @Test func followsTheSizeOfTheTerminal() async throws {
    let (_, _, tmux) = try await opened("--color never")
    // One above the other, and only one.
    try await tmux.tell("resize-window", "-x", "50", "-y", "22")
    var screen = try await tmux.shows("History · 1 of 11\n▸● phone    renamed “Trip” to “Lisbon in May”\n")
    #expect(screen.contains("\n[Change] Why Peers Conflicts Diverged\n"))
    try await tmux.tell("resize-window", "-x", "40", "-y", "10")
    try await tmux.shows("\n↑↓ move  Tab pane  ? help  q quit")
    try await tmux.press("Enter")
    try await tmux.shows("▸[Change] Why Peers Conflicts Diverged")
    screen = try await tmux.shows("\n  made          ")
    #expect(!screen.contains("History"))
    try await tmux.tell("resize-window", "-x", "120", "-y", "30")
    screen = try await tmux.shows("History")
    #expect(screen.contains("│ ▸[Change]") || screen.contains("│  ▸[Change]"))
    try await tmux.press("q")
    try await isRestored(tmux, status: 0)
  }

  /// It reads beside a daemon that writes, tells of what came, and shows it when asked.
  @Test func tellsOfWhatComes() async throws {
    let (place, id, tmux) = try await opened()
    let daemon = try await Daemon(place, home: "laptop")
    defer { withExtendedLifetime(daemon) {} }
    try await place.json("title", id, "Lisboa 東京 \u{1B}[2J")
    try await tmux.shows("1 new change: r")
    // What was chosen stays so.
    try await tmux.press("r")
    try await tmux.shows("History · 2 of 12")
    try await tmux.press("g")
    let screen = try await tmux.shows("History · 1 of 12")
    #expect(screen.contains(/▸● .*  laptop      renamed “/) && !screen.contains("new change"), "\(screen)")
    try await tmux.press("2")
    try await tmux.shows("is “Lisboa 東京 \u{FFFD}[2J”")
    try await tmux.press("q")
    try await isRestored(tmux, status: 0)
  }
}
