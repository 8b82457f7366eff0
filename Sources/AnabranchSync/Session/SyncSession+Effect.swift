public import AnabranchCore
public import AnabranchWire

extension SyncSession {
  /// Something the host is to do, in the order given.
  public enum Effect: Hashable, Sendable {
    /// Write these bytes to the connection.
    case send([UInt8])
    /// Compare what the peer holds of these logs with what is held here, and answer with ``Event/compared(_:)``. At most one is under way.
    case compare([HeldLog])
    /// Go on looking for where a log forked, with what the peer has told, and answer with ``Event/searched(_:_:)``.
    case search(ForkSearch, [ForkProbe.Point])
    /// Read changes that the peer lacks, and answer with ``Event/batchRead(_:)``. At most one is under way.
    case read(ReadRequest)
    /// Store these changes durably and answer with ``Event/applied(_:)``. At most one is under way.
    case apply(IncomingBatch)
    /// The peer durably holds these changes as well, and the same ones as this side: each log of which more is known
    /// now, with its last sequence. Merge it into what is known of that device.
    case peerHas(VersionVector)
    /// Something about the bytes of attached files.
    case blob(BlobEffect)
    /// A device is writing, and the peer tells of it: these words, or what was added to them.
    case words(Words)
    /// Send ``Event/timer`` at that time, on the clock of `now`. Replaces the timer set before.
    case setTimer(at: Duration)
    /// Changes went out or came in.
    case progress(SyncProgress)
    /// Something a person or a log may want to know.
    case report(SyncReport)
    /// Close the connection once all bytes are written. The last effect; later events are ignored.
    case close(SyncEnding)
  }
}
