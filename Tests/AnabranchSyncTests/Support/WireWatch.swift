import AnabranchCore
import AnabranchFakes
import AnabranchSync
import AnabranchWire
import Testing

/// Reads along what one side of a connection sends, and says what must not be there.
struct WireWatch {
  private var decoder = FrameDecoder()
  /// The frames so far.
  private(set) var frames: [Frame] = []
  private(set) var bytes = 0
  private var announced: [LogID] = []
  private var lastSent: [LogID: UInt32] = [:]
  private var lastAcknowledged: [LogID: UInt32] = [:]
  /// Bytes of `changes` frames it gave the other side room for.
  private(set) var granted = 0
  /// Bytes of `changes` and `words` frames it sent.
  private(set) var used = 0
  /// Whether it takes words.
  private(set) var takesWords = false
  /// The last words it told of each log.
  private(set) var told: [LogID: Words] = [:]
  /// Whether the last frame was sent.
  private(set) var hasClosed = false

  /// Takes what `sender` sends now; `peer` watches the other direction.
  mutating func take(_ sent: [UInt8], from sender: FakeReplica, peer: WireWatch) {
    bytes += sent.count
    decoder.append(sent)
    do {
      while let frame = try decoder.next() { take(frame, from: sender, peer: peer) }
    } catch {
      Issue.record("\(sender.name) sent what is no frame: \(error)")
    }
  }

  private mutating func take(_ frame: Frame, from sender: FakeReplica, peer: WireWatch) {
    #expect(!hasClosed, "a frame after the last one: \(frame)")
    switch frames.count {
    case 0:
      guard case .hello = frame else { return #expect(Bool(false), "expected a greeting, got \(frame)") }
    case 1:
      if case .close = frame { break }
      guard case .have = frame else { return #expect(Bool(false), "expected a vector, got \(frame)") }
    default: break
    }
    frames.append(frame)
    switch frame {
    case .logs(let headers):
      for header in headers {
        #expect(!announced.contains(header.log), "a log announced twice")
        announced.append(header.log)
      }
    case .words(let words):
      used += frame.canonicalBytes.count
      #expect(used <= peer.granted, "\(sender.name) sends more than there is room for")
      #expect(peer.takesWords, "\(sender.name) tells words to one that does not take them")
      #expect(told[words.change.log].map { words.isLater(than: $0) } ?? true, "\(sender.name) tells words twice")
      told[words.change.log] = words
    case .changes(let batch):
      used += frame.canonicalBytes.count
      #expect(used <= peer.granted, "\(sender.name) sends more than there is room for")
      for run in batch.runs {
        guard Int(run.first.log) < announced.count else {
          Issue.record("\(sender.name) uses a log it has not announced")
          continue
        }
        let log = announced[Int(run.first.log)]
        #expect(run.first.sequence > lastSent[log] ?? 0, "\(sender.name) sends a change twice")
        let came = lastAcknowledged[log] ?? 0
        #expect(run.first.sequence > came, "\(sender.name) sends back what came from there")
        lastSent[log] = run.first.sequence + UInt32(run.changes.count) - 1
      }
    case .acknowledge(let positions):
      for position in positions {
        guard Int(position.log) < peer.announced.count else {
          Issue.record("\(sender.name) acknowledges a log that was not announced")
          continue
        }
        let log = peer.announced[Int(position.log)]
        lastAcknowledged[log] = position.sequence
        // Once that has been cut it has other names there.
        let isDurable = position.sequence <= sender.vector[log] || sender.branches.concerns(log)
        #expect(isDurable, "\(sender.name) acknowledges what is not durable")
        #expect(position.sequence <= peer.lastSent[log] ?? 0, "\(sender.name) acknowledges what was not sent")
      }
    case .close: hasClosed = true
    case .hello(let hello):
      granted += Int(hello.credit)
      takesWords = hello.features.contains(.words)
    case .credit(let room): granted += Int(room)
    case .have, .ping, .pong, .blob, .fork, .pairing: break
    }
  }
}
