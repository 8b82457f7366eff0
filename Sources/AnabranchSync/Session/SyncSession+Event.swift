public import AnabranchCore
public import AnabranchWire

extension SyncSession {
  /// Something that happened, told to the session by its host.
  public enum Event: Hashable, Sendable {
    /// The connection stands, and the peer has proved to be this device. The first event, once.
    case started(peer: Digest)
    /// Bytes came from the peer, cut anywhere; none where something came of which nothing can be read yet, which is a sign
    /// of life too.
    case received([UInt8])
    /// Answers ``Effect/compare(_:)``.
    case compared(Comparison)
    /// Answers ``Effect/search(_:_:)``: how far it is, and what is to be told to the peer; see ``ForkSearch/continued(with:hash:)``.
    case searched(ForkSearch, ForkProbe?)
    /// Answers ``Effect/read(_:)``.
    case batchRead(ReadBatch)
    /// Answers ``Effect/apply(_:)``. Commits that came before this one are told first, by ``localChanged(_:)``.
    case applied(ApplyOutcome)
    /// The replica durably holds more: its own writes, or what another session brought.
    ///
    /// Has every log that grew, with its new last sequence; logs that did not may be left out. Told in the order
    /// of the commits, so that everything told so far includes what it depends on. What this very session brought
    /// may be told again.
    case localChanged(VersionVector)
    /// Something about the bytes of attached files.
    case blob(BlobEvent)
    /// A device is writing: this one, or another that was heard of through another session. All of its words, from
    /// their beginnings; those told before are of no interest any more.
    ///
    /// Told to the peer if it takes words, once everything durable was sent, and not too often.
    case words(Words)
    /// The time of the last ``Effect/setTimer(at:)`` came. Too early or too often does no harm.
    case timer
    /// The peer, or the network, closed the connection.
    case peerClosed
    /// The host wants the session to end in good order.
    case finish
    /// A log turned out to have forked, so logs have other names by now than the session knows. It ends, and the two are to meet again.
    case renamed
    /// The host cannot go on, say because its disk fails; in words for the peer.
    case failed(String)
    /// What came from the peer was altered, or cannot be read for another reason; in words.
    case unreadable(String)
  }

  /// What became of a batch.
  public enum ApplyOutcome: Hashable, Sendable {
    /// It is durable, but for what was left out of it.
    ///
    /// `held` has at least every log of the batch with its last sequence here; `places` is what ``CheckedBatch/Acceptance`` has.
    case durable(held: VersionVector, excluded: [Exclusion], places: [LogID: VersionVector] = [:])
    /// It was not what the format says, and nothing of it was kept; in words for the peer.
    case refused(String)
    /// It could not be stored; in words for the peer.
    case failed(String)
  }
}
