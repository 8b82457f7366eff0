import AnabranchCore
import AnabranchWire

extension FormatVectors {
  /// Entries of a recording: of connection 1, 300 µs after the clock's beginning.
  mutating func addRecording() {
    add("recording.header", Recording.header)
    let log = FrameSummary.Log(number: 1, log: LogID(Self.fixed(0x20)))
    let stretch = FrameSummary.Batch.Stretch(log, first: 1, last: 300, changes: 300, bytes: 300)
    let frames: [(String, UInt8, FrameSummary)] = [
      ("logs", 3, .logs([log, .init(number: 2, log: nil)])),
      ("changes", 4, .changes(.init(changes: 300, signatures: 1, logs: [stretch]))),
      ("acknowledge", 5, .acknowledge([.init(log, sequence: 300)])),
      ("credit", 6, .credit(300)),
      (
        "words", 10,
        .words(
          .init(
            device: Self.digest(0x00), change: ChangeID(log: LogID(Self.fixed(0x20)), sequence: 3), counter: 300,
            pieces: 1,
            bytes: 2))
      ),
      ("wants", 11, .blob(.wants(300))),
      ("offers", 12, .blob(.offers(1, bytes: 300, isAnswer: true))),
      ("request", 13, .blob(.request(1, .block(2)))),
      ("outline", 14, .blob(.outline(1, blocks: 300))),
      ("block", 15, .blob(.block(1, 2, bytes: 300))),
      ("lacks", 16, .blob(.lacks(1))),
      ("unreadable", 40, .unreadable("né")),
      ("partial", 4, .partial),
    ]
    for (name, kind, summary) in frames {
      let frame = RecordedFrame(.received, kind: kind, bytes: 300, summary: summary)
      add("recording.frame.\(name)", Recording.bytes(of: .init(uptime: 300, connection: 1, .frame(frame))))
    }
    let whole = RecordedFrame(.sent, kind: 7, bytes: 6, summary: .ping(1), omitted: 2, contents: [7, 1])
    let events: [(String, RecordingEntry.Event)] = [
      ("started", .started(wall: 300, hasContents: true)),
      ("began", .began(.init(wall: 300, isDialled: true, address: "né"))),
      ("proved", .proved(device: Self.digest(0x00), name: "né")),
      ("contents", .frame(whole)),
      ("ended", .ended(.init(.peer, Closing(.done, "né"), sentBytes: 300, receivedBytes: 2))),
      ("broken", .ended(.init(.connection, nil, sentBytes: 300, receivedBytes: 2))),
      ("stopped", .stopped),
    ]
    for (name, event) in events {
      add("recording.\(name)", Recording.bytes(of: .init(uptime: 300, connection: 1, event)))
    }
  }
}
