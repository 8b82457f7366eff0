internal import Anabranch

/// What the demonstration says, in a terminal's width.
struct DemoScript {
  let style: Style
  /// Whether nothing is said, since JSON is wanted.
  let isSilent: Bool

  func heading(_ text: String) throws {
    try print("\n" + style.bold(style.cyan("── \(text) " + rule(after: text))))
  }

  func say(_ text: String) throws {
    for line in TextWidth.wrap(text, style.columns) { try print(String(line)) }
  }

  func act(_ device: String, _ text: String) throws {
    try print("  \(style.bold(TextWidth.pad(device, 8))) \(text)")
  }

  func show(_ text: String) throws {
    try print(text)
  }

  func exchanges(_ exchanges: [(from: String, SyncSummary)]) throws {
    for (from, summary) in exchanges {
      let flow = "\(Count.changes(summary.sentChanges)) →  ← \(summary.receivedChanges)"
      try print("  \(style.bold(TextWidth.pad(from, 8))) \(TextWidth.pad(flow, 22)) " + style.dim("\(summary.name)"))
    }
  }

  /// Why the merge came out as it did.
  func explain(_ record: ConversationRecord, _ names: LogNames) throws {
    try point(
      "Both lines of messages are there, one after the other, not shuffled. Whoever writes next is shown both "
        + "tips, and joins them.")
    try explainTitles(record.titles, names)
    if !record.summary.trashed {
      try point(
        "Desktop's deletion hides only what Desktop had seen. Laptop and Phone went on without knowing of it, so "
          + "the conversation is back: a merge never swallows what somebody wrote.")
    }
    try point("The tag stays: nobody who had seen it removed it.")
  }

  private func explainTitles(_ titles: [RegisterValue], _ names: LogNames) throws {
    guard let winner = titles.first, titles.count > 1 else { return }
    func name(_ value: RegisterValue) -> String { names[value.operation.log] ?? "another device" }
    func time(_ value: RegisterValue) -> String {
      String(Moment.text(value.time.milliseconds).dropFirst(11).dropLast())
    }
    let others = titles.dropFirst().map { "“\($0.text ?? "")” (\(name($0)), \(time($0)))" }
    try point(
      "Two titles were given without knowledge of each other. “\(winner.text ?? "")” (\(name(winner)), "
        + "\(time(winner))) shows, because it is later by hybrid time; \(others.joined(separator: ", ")) is kept "
        + "beside it until somebody decides.")
  }

  func states(_ hashes: [(name: String, hash: String)]) throws {
    try print("")
    for (name, hash) in hashes {
      try print("  \(style.bold(TextWidth.pad(name, 8))) \(style.green(String(hash.prefix(64))))")
    }
    if Set(hashes.map(\.hash)).count == 1 {
      try print(
        "\n" + style.green("✓") + " Three devices, one state. Now with yours: "
          + style.bold("anabranch init --name NAME"))
    }
  }

  private func point(_ text: String) throws {
    for (index, line) in TextWidth.wrap(text, style.columns - 4).enumerated() {
      try print((index == 0 ? "  · " : "    ") + line)
    }
  }

  private func rule(after text: String) -> String {
    String(repeating: "─", count: max(2, style.columns - TextWidth.columns(text) - 4))
  }

  private func print(_ text: String) throws {
    if !isSilent { try Output.write(text + "\n") }
  }
}
