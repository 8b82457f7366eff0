internal import AnabranchCore
internal import AnabranchWire

/// One connection between two replicas, as a value: events in, effects out.
///
/// Both sides run the same machine. They greet each other and say what they hold, send what the other lacks in
/// causal order, acknowledge what has become durable, and then, in ``Mode/live``, push whatever is new.
/// `docs/protocol.md` has the frames and who may send which when.
///
/// Deliberately does no input or output, reads no clock and draws no numbers: a host does what the effects say and
/// reports back with events, in any order and after any delay. It keeps no changes beyond the one batch that is
/// with the host and one that waits. Nothing in it outlives the connection: what both sides hold durably is all
/// that the next session needs, so a broken one is simply thrown away.
///
/// ```swift
/// var session = SyncSession(local: replica, mode: .live)
/// for effect in session.handle(.started(peer: phone), now: clock.now) { … }
/// ```
public struct SyncSession: Sendable {
  /// When a session ends by itself.
  public enum Mode: Hashable, Sendable {
    /// Once both sides hold all that either held when they met. The other side may be ``live``.
    case exchange
    /// Never: what is new goes out at once.
    case live
  }

  private enum State {
    case idle(LocalReplica)
    /// Our greeting is out; the first frame of the peer, which has proved to be that device, is awaited.
    case greeting(LocalReplica, peer: Digest)
    /// The peer greeted; what it holds is awaited.
    case meeting(Hello, Branches)
    case reconciling(Reconciliation)
    case ended(SyncProgress)
  }

  private let mode: Mode
  private var state: State
  private var decoder = FrameDecoder()
  private var liveness = Liveness(now: .zero)
  private var held: VersionVector
  private var sentBytes: UInt64 = 0
  private var receivedBytes: UInt64 = 0

  /// A session of `local` that has not started.
  public init(local: LocalReplica, mode: Mode) {
    self.mode = mode
    held = VersionVector(local.heads.map { ($0.log, $0.sequence) })
    state = .idle(local)
  }

  /// Whether it has ended. Events are ignored from then on.
  public var hasEnded: Bool {
    if case .ended = state { return true }
    return false
  }

  /// How far it is; the final counts once it has ended.
  public var progress: SyncProgress {
    var progress: SyncProgress
    switch state {
    case .reconciling(let reconciliation): progress = reconciliation.progress
    case .ended(let last): progress = last
    case .idle, .greeting, .meeting: progress = SyncProgress()
    }
    progress.sentBytes = sentBytes
    progress.receivedBytes = receivedBytes
    return progress
  }

  /// Tells the session what happened at `now`, on any clock that never goes back, and returns what is to be done,
  /// in order.
  ///
  /// Never traps on what a peer sends: a fault of the peer's ends the session with ``Closing/Code/violation``. An
  /// answer that was not asked for is ignored. O(bytes received and sent, and logs).
  public mutating func handle(_ event: Event, now: Duration) -> [Effect] {
    if hasEnded { return [] }
    var effects = react(to: event, now: now)
    if case .received = event {
      effects += decode(now: now)
    } else if case .applied = event {
      effects += decode(now: now)
    }
    if !hasEnded, !isIdle, let deadline = liveness.arm(or: wordsDeadline) { effects.append(.setTimer(at: deadline)) }
    checkInvariants()
    return finished(effects)
  }

  private var isIdle: Bool {
    if case .idle = state { return true }
    return false
  }

  /// When words that wait may go.
  private var wordsDeadline: Duration? {
    if case .reconciling(let reconciliation) = state { return reconciliation.wordsDeadline }
    return nil
  }

  // MARK: Events

  private mutating func react(to event: Event, now: Duration) -> [Effect] {
    switch event {
    case .started(let peer):
      return start(with: peer, now: now)
    case .received(let bytes):
      receivedBytes += UInt64(bytes.count)
      liveness.heard(now: now)
      decoder.append(bytes)
      return []
    case .compared(let comparison):
      return reconcile(now: now) { .going($0.compared(comparison)) }
    case .searched(let search, let probe):
      return reconcile(now: now) { .going($0.searched(search, probe)) }
    case .batchRead(let batch):
      return reconcile(now: now) { reconciliation in
        do throws(Violation) {
          return .going(try reconciliation.read(batch))
        } catch {
          return .failed(Closing(.storage, error.reason))
        }
      }
    case .applied(let outcome):
      return applied(outcome, now: now)
    case .localChanged(let vector):
      held.merge(vector)
      return reconcile(now: now) { reconciliation in
        reconciliation.grew(to: vector)
        return .going([])
      }
    case .blob(let event):
      return reconcile(now: now) { .going($0.take(event)) }
    case .words(let words):
      return reconcile(now: now) { reconciliation in
        reconciliation.offer(words)
        return .going([])
      }
    case .timer:
      return timer(now: now)
    case .peerClosed:
      return end(SyncEnding(.connection, nil))
    case .finish:
      guard case .reconciling = state else { return end(Closing(.shutdown, "the program ends")) }
      return reconcile(now: now) { reconciliation in
        reconciliation.finish()
        return .going([])
      }
    case .renamed:
      return end(Closing(.renamed, "a log turned out to have forked, so logs have other names"))
    case .failed(let reason):
      return end(Closing(.storage, reason))
    case .unreadable(let reason):
      return end(Closing(.violation, reason))
    }
  }

  private mutating func start(with peer: Digest, now: Duration) -> [Effect] {
    guard case .idle(let local) = state else { return [] }
    state = .greeting(local, peer: peer)
    liveness = Liveness(now: now)
    let hello = Hello(
      device: local.device, log: local.log, name: local.name, semanticsLevel: local.semanticsLevel,
      credit: SyncLimits.creditWindow, space: local.space, features: .spoken)
    let have = local.heads.filter { $0.sequence > 0 }.sorted { $0.log < $1.log }
    return [.send(Frame.hello(hello).canonicalBytes), .send(Frame.have(have).canonicalBytes)]
  }

  private mutating func applied(_ outcome: ApplyOutcome, now: Duration) -> [Effect] {
    switch outcome {
    case .durable(let vector, let excluded, let places):
      held.merge(vector)
      return reconcile(now: now) { .going($0.durable(held: vector, excluded: excluded, places)) }
    case .refused(let reason):
      return end(Closing(.violation, reason))
    case .failed(let reason):
      return end(Closing(.storage, reason))
    }
  }

  private mutating func timer(now: Duration) -> [Effect] {
    if case .reconciling(let reconciliation) = state, reconciliation.isOverdue(now: now) {
      return end(Closing(.timeout, "nothing but signs of life came for \(SyncLimits.debtMax)"))
    }
    switch liveness.timer(now: now) {
    case nil:
      // Words may have been waiting for it.
      return reconcile(now: now) { _ in .going([]) }
    case .ping(let number):
      return [.send(Frame.ping(number).canonicalBytes)]
    case .timeout(let reason):
      return end(Closing(.timeout, reason))
    case .farewell:
      return end(SyncEnding(.here, Closing(.timeout, "the peer did not answer the last frame")))
    }
  }

  // MARK: Frames

  /// Takes frames as far as they are whole and have a place.
  private mutating func decode(now: Duration) -> [Effect] {
    var effects: [Effect] = []
    while takesFrames {
      do throws(WireError) {
        guard let frame = try decoder.next() else { break }
        effects += take(frame, now: now)
      } catch {
        return effects + end(Closing(.violation, error.message))
      }
    }
    if !hasEnded, decoder.undecodedBytes > SyncLimits.backlogBytesMax {
      let reason =
        "expected at most \(SyncLimits.backlogBytesMax) bytes at once, got \(decoder.undecodedBytes)"
      effects += end(Closing(.violation, reason))
    }
    return effects
  }

  private var takesFrames: Bool {
    switch state {
    case .greeting, .meeting: true
    case .reconciling(let reconciliation): reconciliation.takesFrames
    case .idle, .ended: false
    }
  }

  private mutating func take(_ frame: Frame, now: Duration) -> [Effect] {
    if case .close(let closing) = frame, !closing.isAmicable || !isReconciling {
      return end(SyncEnding(.peer, closing))
    }
    switch (state, frame) {
    case (.greeting(let local, let peer), .hello(let hello)):
      if let objection = local.objection(to: hello, from: peer) { return end(objection) }
      state = .meeting(hello, local.branches)
      return [.report(.greeted(hello, version: min(hello.version, Frame.version)))]
    case (.meeting(let hello, let branches), .have(let have)):
      liveness.greeted()
      state = .reconciling(Reconciliation(mode: mode, held: held, branches, hello: hello, have: have))
      return reconcile(now: now) { _ in .going([]) }
    case (.reconciling, .ping(let number)):
      return [.send(Frame.pong(number).canonicalBytes)]
    case (.reconciling, .pong):
      return []
    case (.reconciling, _):
      return reconcile(now: now) { reconciliation in
        if reconciliation.pays(frame) { reconciliation.paid() }
        do throws(Violation) {
          return .going(try reconciliation.take(frame))
        } catch {
          return .failed(Closing(.violation, error.reason))
        }
      }
    case (.greeting, _):
      return end(Closing(.violation, "expected a greeting first"))
    default:
      return end(Closing(.violation, "expected what the peer holds after its greeting"))
    }
  }

  private var isReconciling: Bool {
    if case .reconciling = state { return true }
    return false
  }

  // MARK: Steps and endings

  private enum Step {
    case going([Effect])
    case failed(Closing)
  }

  /// Does `step`, then whatever has become possible by it. Nothing outside the state that this is for.
  private mutating func reconcile(
    now: Duration, _ step: (inout Reconciliation) -> Step
  ) -> [Effect] {
    guard case .reconciling(var reconciliation) = state else { return [] }
    // Taken out, so that it is changed in place.
    state = .ended(SyncProgress())
    let hadParted = reconciliation.lastWord != nil
    let result = step(&reconciliation)
    var effects: [Effect]
    switch result {
    case .going(let first):
      effects = first + reconciliation.proceed(now: now)
    case .failed(let closing):
      state = .reconciling(reconciliation)
      return end(closing)
    }
    let ending = reconciliation.ending
    if !hadParted, let word = reconciliation.lastWord {
      let isShutdown = word.code == Closing.Code.shutdown.rawValue
      liveness.saidFarewell(until: now + (isShutdown ? SyncLimits.shutdownMax : SyncLimits.doneMax))
    }
    state = .reconciling(reconciliation)
    if let ending { effects += (ending.isDone ? reconciliation.refused : []) + end(ending) }
    return effects
  }

  /// Ends with a last word to the peer; none if it has had one.
  private mutating func end(_ closing: Closing) -> [Effect] {
    var farewell: [Effect] = [.send(Frame.close(closing).canonicalBytes)]
    if isIdle { farewell = [] }
    if case .reconciling(let reconciliation) = state, reconciliation.lastWord != nil { farewell = [] }
    return farewell + end(SyncEnding(.here, closing))
  }

  private mutating func end(_ ending: SyncEnding) -> [Effect] {
    if hasEnded { return [] }
    state = .ended(progress)
    return [.close(ending)]
  }

  /// Joins neighbouring sends and puts the counts of bytes into what is told of progress.
  private mutating func finished(_ effects: [Effect]) -> [Effect] {
    var joined: [Effect] = []
    for effect in effects {
      switch effect {
      case .send(let bytes):
        sentBytes += UInt64(bytes.count)
        if case .send(let before) = joined.last {
          joined[joined.count - 1] = .send(before + bytes)
        } else {
          joined.append(effect)
        }
      case .progress(var progress):
        progress.sentBytes = sentBytes
        progress.receivedBytes = receivedBytes
        joined.append(.progress(progress))
      default:
        joined.append(effect)
      }
    }
    return joined
  }

  private func checkInvariants() {
    assert(
      decoder.undecodedBytes <= SyncLimits.backlogBytesMax || hasEnded, "a peer cannot make us keep more")
    if case .reconciling(let reconciliation) = state { reconciliation.checkInvariants() }
  }
}

extension Hello.Features {
  /// The abilities that this version has.
  fileprivate static let spoken: Self = [.words, .blobs, .branches]
}

extension Closing {
  /// Whether it ends a session in good order, so that it is answered.
  fileprivate var isAmicable: Bool {
    code == Code.done.rawValue || code == Code.shutdown.rawValue
  }
}

extension LocalReplica {
  /// Why no session is possible with the peer that greets so, and has proved to be `peer`; nil if one is.
  fileprivate func objection(to hello: Hello, from peer: Digest) -> Closing? {
    guard hello.device == peer else {
      return Closing(.violation, "expected the greeting of the device that has proved itself, got another's")
    }
    guard hello.versionMin <= hello.version, hello.versionMin <= Frame.version,
      Frame.versionMin <= hello.version
    else {
      return Closing(
        .version,
        "expected a version from \(Frame.versionMin) to \(Frame.version), got \(hello.versionMin) to "
          + "\(hello.version)")
    }
    guard hello.space == space else { return Closing(.space, "the two replicas have different histories") }
    guard hello.device != device else { return Closing(.own, "both sides are the same device") }
    guard Int(hello.credit) >= SyncLimits.creditMin else {
      return Closing(.violation, "expected a credit of at least \(SyncLimits.creditMin), got \(hello.credit)")
    }
    return nil
  }
}
