internal import Anabranch

/// What the demonstration says, in a terminal's width.
struct DemoScript {
  let style: Style
  /// Whether nothing is said, since JSON is wanted.
  let isSilent: Bool

  func heading(_ text: String) {
    print("\n" + style.bold(style.cyan("── \(text) " + rule(after: text))))
  }

  func say(_ text: String) {
    for line in TextWidth.wrap(text, style.columns) { print(line) }
  }

  func act(_ device: String, _ text: String) {
    print("  \(style.bold(TextWidth.pad(device, 8))) \(text)")
  }

  func show(_ text: String) {
    print(text)
  }

  func exchanges(_ exchanges: [(from: String, SyncSummary)]) {
    for (from, summary) in exchanges {
      let flow = "\(summary.sentChanges) changes →  ← \(summary.receivedChanges)"
      print("  \(style.bold(TextWidth.pad(from, 8))) \(TextWidth.pad(flow, 22)) " + style.dim("\(summary.name)"))
    }
  }

  /// Why the merge came out as it did.
  func explain(_ record: ConversationRecord, _ names: [LogID: String]) {
    point(
      "Both lines of messages are there, one after the other, not shuffled. Whoever writes next is shown both "
        + "tips, and joins them.")
    explainTitles(record.titles, names)
    if !record.summary.trashed {
      point(
        "Desktop's deletion hides only what Desktop had seen. Laptop and Phone went on without knowing of it, so "
          + "the conversation is back: a merge never swallows what somebody wrote.")
    }
    point("The tag stays: nobody who had seen it removed it.")
  }

  private func explainTitles(_ titles: [RegisterValue], _ names: [LogID: String]) {
    guard let winner = titles.first, titles.count > 1 else { return }
    func name(_ value: RegisterValue) -> String { names[value.operation.log] ?? "another device" }
    func time(_ value: RegisterValue) -> String {
      String(Timestamp.text(value.time.milliseconds).dropFirst(11).dropLast())
    }
    let others = titles.dropFirst().map { "“\($0.text ?? "")” (\(name($0)), \(time($0)))" }
    point(
      "Two titles were given without knowledge of each other. “\(winner.text ?? "")” (\(name(winner)), "
        + "\(time(winner))) shows, because it is later by hybrid time; \(others.joined(separator: ", ")) is kept "
        + "beside it until somebody decides.")
  }

  func states(_ hashes: [(name: String, hash: String)]) {
    print("")
    for (name, hash) in hashes {
      print("  \(style.bold(TextWidth.pad(name, 8))) \(style.green(String(hash.prefix(64))))")
    }
    if Set(hashes.map(\.hash)).count == 1 {
      print(
        "\n" + style.green("✓") + " Three devices, one state. Now with yours: "
          + style.bold("anabranch init --name NAME"))
    }
  }

  private func point(_ text: String) {
    for (index, line) in TextWidth.wrap(text, style.columns - 4).enumerated() {
      print((index == 0 ? "  · " : "    ") + line)
    }
  }

  private func rule(after text: String) -> String {
    String(repeating: "─", count: max(2, style.columns - TextWidth.columns(text) - 4))
  }

  private func print(_ text: String) {
    if !isSilent { Output.write(text + "\n") }
  }
}
