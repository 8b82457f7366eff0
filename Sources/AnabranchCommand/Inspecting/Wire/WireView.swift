internal import Anabranch

/// Connections and what crossed them, as text: a header for each, and a line for each frame.
struct WireView {
  let style: Style

  private static let timeColumns = 11
  private static let nameColumns = 10
  private static let kindColumns = 12
  private static let byteColumns = 7

  // MARK: A recording

  /// Who was on the other side of a connection, how long it lasted, how much crossed it, and why it ended.
  func header(_ session: WireSession) -> String {
    var title = FieldRow([
      .init(text: session.peer, paint: style.bold),
      .init(text: session.beginning.map { Moment.short($0.wall) } ?? "", paint: style.dim),
      .init(text: Self.whence(session)),
      .init(text: session.device.map(\.fingerprint) ?? "never proved who it is", paint: style.dim),
    ])
    title.fit(style.columns, cutting: [(0, 8), (2, 12), (3, 0)])
    let counts =
      "\(Self.seconds(session.length)) s, \(Count.text(session.frames, "frame")), "
      + "\(Count.bytes(session.sentBytes)) out, \(Count.bytes(session.receivedBytes)) in"
    return ([title.text, style.dim("  " + counts)] + end(session, indent: 2)).joined(separator: "\n")
  }

  private func end(_ session: WireSession, indent: Int) -> [String] {
    TextWidth.wrap(session.end, style.columns - indent).map {
      String(repeating: " ", count: indent) + (session.isInGoodOrder ? style.dim(String($0)) : style.yellow(String($0)))
    }
  }

  private static func whence(_ session: WireSession) -> String {
    guard let beginning = session.beginning else { return "its beginning was not recorded" }
    return (beginning.isDialled ? "dialled " : "called from ") + beginning.address
  }

  /// A frame of a connection: when, which way, of which kind, how long, and what it says.
  func line(_ frame: RecordedFrame, after elapsed: UInt64?, _ words: FrameWords) -> String {
    line(
      frame, .init(text: Self.right(elapsed.map(Self.seconds) ?? "", Self.timeColumns), paint: style.dim), words)
  }

  private func line(_ frame: RecordedFrame, _ first: FieldRow.Field, _ words: FrameWords) -> String {
    let isSent = frame.direction == .sent
    var says = FieldRow.Field(text: words.text(frame))
    if case .unreadable = frame.summary { says.paint = style.red }
    var row = FieldRow([
      first,
      isSent ? .init(text: "→", paint: style.cyan) : .init(text: "←", paint: style.green),
      .init(text: TextWidth.pad(FrameWords.kind(frame), Self.kindColumns), paint: style.bold),
      .init(text: Self.right(Count.bytes(UInt64(frame.bytes)), Self.byteColumns), paint: style.dim),
      says,
    ])
    row.fit(style.columns, cutting: [(4, 8)])
    return String(row.text.withoutTrailingSpace)
  }

  /// What people wrote in a frame, below its line.
  func contents(_ frame: RecordedFrame, _ words: FrameWords) -> [String] {
    frame.written.flatMap { content in
      let place = content.change.map { "change \($0.sequence) of \(words.name($0.log)) " } ?? "a change "
      let deed = (content.kind?.deed ?? "goes on with") + (content.target.map { " \($0.short)" } ?? "")
      let text = content.text ?? "(\(Count.bytes(UInt64(content.bytes))) that are no text)"
      return [String(repeating: " ", count: 8) + style.dim(TextWidth.fit(place + deed, style.columns - 8))]
        + TextWidth.wrap(text, style.columns - 10).map { String(repeating: " ", count: 10) + $0 }
    }
  }

  /// What all connections come to.
  func sum(_ sessions: [WireSession]) -> String {
    let (sent, received) = sessions.reduce((UInt64(0), UInt64(0))) { ($0.0 &+ $1.sentBytes, $0.1 &+ $1.receivedBytes) }
    let frames = sessions.reduce(0) { $0 + $1.frames }
    return style.bold(
      "\(Count.text(sessions.count, "connection")), \(Count.text(frames, "frame")), "
        + "\(Count.bytes(sent)) out, \(Count.bytes(received)) in")
  }

  // MARK: Live

  /// What just happened on a connection; empty where nothing is to be said.
  func live(_ entry: RecordingEntry, on session: WireSession) -> String {
    let clock = session.wall(entry).map { String(Moment.text($0).dropFirst(11).prefix(12)) } ?? ""
    let time = FieldRow.Field(text: clock, paint: style.dim)
    let name = FieldRow.Field(text: TextWidth.pad(session.peer, Self.nameColumns), paint: style.cyan)
    switch entry.event {
    case .began: return row([time, name, .init(text: "connected"), .init(text: Self.whence(session))])
    case .proved(let device, _):
      return row([time, name, .init(text: "proved to be"), .init(text: device.fingerprint)])
    case .frame(let frame):
      let first = FieldRow.Field(text: clock + "  " + TextWidth.pad(session.peer, Self.nameColumns), paint: style.dim)
      return line(frame, first, session.words)
    case .ended: return row([time, name, .init(text: session.end)])
    case .started, .stopped: return ""
    }
  }

  private func row(_ fields: [FieldRow.Field]) -> String {
    var row = FieldRow(fields)
    row.fit(style.columns, cutting: [(fields.count - 1, 8)])
    return row.text
  }

  /// That somebody was too slow for what crossed.
  func missed(_ count: UInt64) -> String {
    style.yellow("… \(Count.text(count, "event")) came too fast to be shown")
  }

  // MARK: Numbers

  /// `12.345`, of so many microseconds.
  static func seconds(_ microseconds: UInt64) -> String {
    let thousandths = String(microseconds / 1_000 % 1_000)
    return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 3 - thousandths.count) + thousandths
  }

  private static func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - TextWidth.columns(text))) + text
  }
}
