internal import Anabranch

/// What a person sees of a device that is let in, and is asked.
struct PairingView {
  let output: Output
  /// Whether everybody is let in who knows the code.
  let isYes: Bool
  let showsPicture: Bool

  func show(_ event: PairingTalk.Event) throws {
    if output.json { return try Output.write(try Output.line(event) + "\n") }
    let style = output.style
    switch event {
    case .founded(let recovery):
      try Output.write(RecoveryNote.lines(recovery, style).joined(separator: "\n") + "\n\n")
    case .code(let code, let seconds):
      var lines: [String] = []
      if showsPicture, style.isTerminal { lines += QRCode.lines(of: code, columns: style.columns) ?? [] }
      lines += ["", "On the other device, within \(seconds) seconds:", "", style.bold("  anabranch join \(code)"), ""]
      try Output.write(lines.joined(separator: "\n") + "\n")
    case .wrongCode(let triesLeft):
      Output.note("anabranch: somebody tried a wrong code; \(triesLeft == 1 ? "1 try" : "\(triesLeft) tries") left")
    case .asked:
      break
    case .admitted(let newcomer):
      let name = style.bold(TextWidth.fit(newcomer.name, Self.nameColumns))
      try Output.write(
        "\(style.green("✓")) \(name) is in, as \(newcomer.role) \(style.dim("(\(newcomer.fingerprint))"))\n")
    case .synced(let report):
      try Output.write("  \(Count.changes(report.sentChanges)) out, \(report.receivedChanges) in\n")
    }
  }

  /// Asks whether a device is let in. Anything but a yes within `patience` is a no.
  func answer(_ newcomer: NewcomerReport, within patience: Duration) async throws -> Bool {
    if isYes { return true }
    do {
      let name = TextWidth.fit(newcomer.name, Self.nameColumns)
      try await Confirmation.ask(
        "“\(name)” wants to come in, as \(newcomer.role). Its fingerprint, which it shows too:\n\n  "
          + newcomer.fingerprint + "\n", "Let it in?", else: "--yes", within: patience)
      return true
    } catch let error as AnabranchError where error.code == .interrupted {
      return false
    }
  }

  private static let nameColumns = 40
}

/// What a person is told of the recovery phrase, once.
enum RecoveryNote {
  static func lines(_ phrase: String, _ style: Style) -> [String] {
    [
      "  Write down these words, on paper. They let you back in when every device is",
      "  gone but a backup, and nothing keeps them:",
      "",
      "    " + style.bold(phrase),
    ]
  }
}
