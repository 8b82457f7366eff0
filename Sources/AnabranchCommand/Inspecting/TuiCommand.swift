internal import Anabranch
internal import ArgumentParser

struct TuiCommand: ReadingCommand {
  static let configuration = CommandConfiguration(
    commandName: "tui",
    abstract: "Walk through the history with the keyboard: the graph left, what there is to say right.",
    discussion: """
      ? says what the keys do, and q quits. It changes nothing, and tells of what comes meanwhile. Without a terminal, use \
      `anabranch inspect log --graph`.
      """)

  @OptionGroup var options: PastOptions

  @Option(
    name: .long,
    help: ArgumentHelp("Only draw the first screen as a picture, in a file of that name.", valueName: "file"))
  var svg: String?

  /// For pictures in documents: what is pressed first, as a terminal sends it.
  @Option(name: .long, help: .hidden)
  var keys = ""

  /// Whoever looks at it would see it begin anew twice.
  var passesOver: Bool { false }

  func validate() throws {
    try Self.refuseBlank(svg, expected: "a file after --svg")
    if options.output.json {
      throw ValidationError("expected no --json: a screen is for people; see `anabranch inspect log --json`")
    }
    if svg == nil, !keys.isEmpty { throw ValidationError("expected --svg with --keys") }
  }

  func run() async throws {
    if let svg { return try await draw(svg) }
    let terminal = try ScreenTerminal()
    let reader = ScreenReader(try await options.read(), servedAt: options.reading.served)
    let session = ScreenSession(terminal, reader, isColored: options.output.style.isColored)
    let status = try await session.run()
    // What only reads leaves nothing behind, so nobody has to wait for a reading that is under way.
    if status != ExitStatus.done { throw ExitCode(status) }
  }

  private func draw(_ file: String) async throws {
    let reader = ScreenReader(try await options.read(), servedAt: options.reading.served)
    var screen = Screen(ScreenSize(rows: ScreenSize.standard.rows, columns: options.output.style.columns))
    screen.begin(with: try await reader.newest(Screen.pageEntries))
    screen = try await reader.settled(screen, pressing: KeyParser.keys(of: keys))
    try await reader.close()
    try ExportTarget.write(screen.frame.svg(title: "anabranch inspect tui"), toPicture: file, isQuiet: false)
  }
}
