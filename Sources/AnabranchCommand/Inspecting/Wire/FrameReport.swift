internal import Anabranch

/// What a frame says, as `inspect wire --json` prints it; each kind has some of the keys.
struct FrameReport: Encodable {
  /// A log, by what the frame says of it.
  struct Log: Encodable {
    var number: UInt32?
    @Nullable var log: String?
    var sequence: UInt32?
    var hash: String?
    var first: UInt32?
    var last: UInt32?
    var changes: UInt32?
    var bytes: UInt32?

    init(_ log: FrameSummary.Log) {
      (number, self.log) = (log.number, log.log?.description)
    }

    init(_ log: LogID) {
      self.log = log.description
    }
  }

  /// A change's hash, the first half of it.
  struct Point: Encodable {
    var sequence: UInt32
    var hash: String
  }

  var version: UInt16?
  var versionMin: UInt16?
  var space: String?
  var device: String?
  var log: String?
  var name: String?
  var level: UInt32?
  var features: UInt64?
  var credit: UInt32?
  var logs: [Log]?
  var changes: UInt32?
  var signatures: UInt32?
  var number: UInt64?
  var code: UInt16?
  var reason: String?
  var change: UInt32?
  var counter: UInt64?
  var pieces: UInt32?
  var bytes: UInt64?
  var blobs: UInt32?
  var isAnswer: Bool?
  var blob: UInt32?
  var block: UInt32?
  var blocks: UInt32?
  var points: [Point]?
  var role: String?

  init(_ summary: FrameSummary) {
    switch summary {
    case .hello(let hello):
      (version, versionMin, space) = (hello.version, hello.versionMin, Hexadecimal.encode(hello.space.bytes))
      (device, log, name) = (hello.device.description, hello.log.description, hello.name)
      (level, features, credit) = (hello.semanticsLevel, hello.features.rawValue, hello.credit)
    case .have(let held):
      logs = held.map { held in
        var log = Log(held.log)
        (log.sequence, log.hash) = (held.sequence, Hexadecimal.encode(held.hash.bytes))
        return log
      }
    case .logs(let named): logs = named.map { Log($0) }
    case .changes(let batch):
      (changes, signatures) = (batch.changes, batch.signatures)
      logs = batch.logs.map { stretch in
        var log = Log(stretch.log)
        (log.first, log.last, log.changes, log.bytes) = (stretch.first, stretch.last, stretch.changes, stretch.bytes)
        return log
      }
    case .acknowledge(let reached):
      logs = reached.map { reach in
        var log = Log(reach.log)
        log.sequence = reach.sequence
        return log
      }
    case .credit(let room): bytes = UInt64(room)
    case .ping(let number), .pong(let number): self.number = number
    case .close(let closing): (code, reason) = (closing.code, closing.reason)
    case .words(let words):
      (device, log, change) = (words.device.description, words.change.log.description, words.change.sequence)
      (counter, pieces, bytes) = (words.counter, words.pieces, UInt64(words.bytes))
    case .blob(let summary): add(summary)
    case .fork(let probe):
      log = probe.log.description
      points = probe.points.map { Point(sequence: $0.sequence, hash: Hexadecimal.encode($0.hash.bytes)) }
    case .pairing(.welcome(let name, let role)): (self.name, self.role) = (name, role.name)
    case .pairing(.request(let name)): self.name = name
    case .pairing(.grant(let space, let role)):
      (self.space, self.role) = (Hexadecimal.encode(space.bytes), role.name)
    case .pairing(.denial(let reason)): self.reason = reason
    case .pairing(.joined): break
    case .unreadable(let reason): self.reason = reason
    case .partial: break
    }
  }

  private mutating func add(_ summary: FrameSummary.Blob) {
    switch summary {
    case .wants(let count): blobs = count
    case .offers(let count, let bytes, let isAnswer): (blobs, self.bytes, self.isAnswer) = (count, bytes, isAnswer)
    case .request(let blob, .outline): self.blob = blob
    case .request(let blob, .block(let index)): (self.blob, block) = (blob, index)
    case .outline(let blob, let blocks): (self.blob, self.blocks) = (blob, blocks)
    case .block(let blob, let index, let bytes): (self.blob, block, self.bytes) = (blob, index, UInt64(bytes))
    case .lacks(let blob): self.blob = blob
    }
  }
}
