internal import Anabranch

/// Says in a few words what a frame says, without contents.
struct FrameWords {
  /// What the devices are called whose logs are known.
  var names: LogNames = [:]

  /// The frame's kind, as docs/protocol.md has it.
  static func kind(_ frame: RecordedFrame) -> String {
    FrameKind(rawValue: frame.kind)?.name ?? "kind \(frame.kind)"
  }

  func text(_ frame: RecordedFrame) -> String {
    switch frame.summary {
    case .hello(let hello):
      "\(hello.name), version \(hello.version), room for \(Count.bytes(UInt64(hello.credit)))"
    case .have(let logs):
      Count.text(logs.count + Int(frame.omitted), "log") + list(logs.map { "\($0.sequence) of \(name($0.log))" }, frame)
    case .logs(let logs): list(logs.map { "\($0.number) is \(name($0))" }, frame, after: "")
    case .changes(let batch): text(batch, frame)
    case .acknowledge(let logs):
      list(logs.map { "\($0.sequence) of \(name($0.log))" }, frame, after: "durable up to ")
    case .credit(let bytes): "room for \(Count.bytes(UInt64(bytes))) more"
    case .ping(let number), .pong(let number): "number \(number)"
    case .close(let closing): Self.words(code: closing.code, closing.reason)
    case .words(let words):
      "\(Count.bytes(UInt64(words.bytes))) of text in change \(words.change.sequence) of \(name(words.change.log))"
    case .blob(let blob): text(blob)
    case .fork(let probe): "looks for where \(name(probe.log)) forked, at \(Count.text(probe.points.count, "place"))"
    case .pairing(.welcome(let name, let role)): "\(name) would let it in as \(role.name)"
    case .pairing(.request(let name)): "\(name) asks to come in"
    case .pairing(.grant(_, let role)): "is let in as \(role.name)"
    case .pairing(.denial(let reason)): reason
    case .pairing(.joined): "is in"
    case .unreadable(let reason): "! \(reason)"
    case .partial: "was under way already"
    }
  }

  private func text(_ batch: FrameSummary.Batch, _ frame: RecordedFrame) -> String {
    guard batch.changes > 0 else { return "nothing more of what was held" }
    let parts = batch.logs.map { stretch in
      (stretch.first == stretch.last ? "\(stretch.first)" : "\(stretch.first)–\(stretch.last)")
        + " of \(name(stretch.log))"
    }
    return Count.changes(batch.changes) + list(parts, frame)
  }

  private func text(_ blob: FrameSummary.Blob) -> String {
    switch blob {
    case .wants(0): "wants nothing more"
    case .wants(let count): "wants \(Count.text(count, "blob"))"
    case .offers(0, _, _): "has none of those"
    case .offers(let count, let bytes, let isAnswer):
      "has \(Count.text(count, "blob")), \(Count.bytes(bytes))" + (isAnswer ? "" : ", since now")
    case .request(let blob, .outline): "the outline of blob \(blob)"
    case .request(let blob, .block(let index)): "block \(index) of blob \(blob)"
    case .outline(let blob, let blocks): "blob \(blob): \(Count.text(blocks, "block"))"
    case .block(let blob, let index, let bytes): "block \(index) of blob \(blob), \(Count.bytes(UInt64(bytes)))"
    case .lacks(let blob): "blob \(blob) is not there any more"
    }
  }

  /// Why a session ends, in words.
  static func words(code: UInt16, _ reason: String) -> String {
    switch code {
    case 0: "everything was exchanged"
    default: reason.isEmpty ? "for reason \(code)" : reason
    }
  }

  private func list(_ parts: [String], _ frame: RecordedFrame, after start: String = ": ") -> String {
    guard !parts.isEmpty else { return "" }
    return start + (parts + (frame.omitted > 0 ? ["\(frame.omitted) more"] : [])).joined(separator: ", ")
  }

  private func name(_ log: FrameSummary.Log) -> String {
    log.log.map { name($0) } ?? "unknown log \(log.number)"
  }

  /// What `log` is called, by the device that writes it.
  func name(_ log: LogID) -> String {
    names.called(log)
  }
}
