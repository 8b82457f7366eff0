extension Roster {
  /// The roster that `entries`, in any order, amount to in a space that was founded. O(entries · log entries), and
  /// O(devices · rounds) for each restriction and each device that let others in; rounds are few. Restrictions that wait are tried
  /// again after all turns, all of them each time that one has effect.
  public init(_ entries: [Entry]) {
    self.init(isFounded: true)
    var evaluation = Evaluation(entries)
    evaluation.run()
    limits = evaluation.limits
    granted = evaluation.standing.mapValues(\.role)
    members = evaluation.ranks.compactMap { device in
      guard let enrolment = evaluation.standing[device] ?? evaluation.enrolments[device]?.first else { return nil }
      return Member(
        device: device, role: role(of: device), enrolment: enrolment.operation, enroller: enrolment.enroller,
        restrictions: evaluation.restrictions[device] ?? [])
    }
    adopt(entries)
  }

  private mutating func adopt(_ entries: [Entry]) {
    for entry in entries {
      guard case .adopt(let adopt) = entry.act, let granted = granted[entry.author] else { continue }
      let role = Self.role(granted, within: limits[entry.author], at: entry.operation.change)
      guard role >= .writer else { continue }
      for head in adopt.heads {
        adopted[head.change.log, default: []].append(Adoption(last: head.change.sequence, role: role))
      }
    }
    for log in adopted.keys { adopted[log]?.sort { ($0.last, $0.role) < ($1.last, $1.role) } }
  }

  /// Goes through the devices in the order of their ranks, and lets each do what it may by then.
  private struct Evaluation {
    struct Enrolment: Equatable {
      var operation: OperationID
      /// Nil for the recovery key.
      var enroller: Digest?
      var role: MemberRole
    }

    private let byAuthor: [Digest: [Entry]]
    private let byRecoveryKey: [Entry]
    /// Those who were let in, whether that stands or not, in the order in which that was said.
    private var waiting: [Digest] = []
    /// How many of them, from the first on, have had their turn.
    private var past = 0
    /// Those whose turn has come, the senior first.
    private(set) var ranks: [Digest] = []
    private var ranked: Set<Digest> = []
    /// What let each device in, the word of the senior first.
    private(set) var enrolments: [Digest: [Enrolment]] = [:]
    /// What lets each device in that is let in, by all that was said so far: the word of an owner that is let in itself, from before
    /// its rights were cut.
    private(set) var standing: [Digest: Enrolment] = [:]
    /// Whether nothing was said since that was worked out.
    private var isSettled = false
    private(set) var limits: [Digest: Limits] = [:]
    private(set) var restrictions: [Digest: [OperationID]] = [:]

    init(_ entries: [Entry]) {
      let sorted = entries.sorted { $0.operation < $1.operation }
      byRecoveryKey = sorted.filter(\.isByRecoveryKey)
      byAuthor = Dictionary(grouping: sorted.filter { !$0.isByRecoveryKey }, by: \.author)
    }

    mutating func run() {
      for entry in byRecoveryKey { take(entry, from: nil) }
      // Restrictions after which nothing would let their own writers in, by what was said so far.
      var waiting: [Entry] = []
      repeat {
        // Who was let in by somebody that was cut off before waits: for somebody else to do it, or for a later cut.
        while let (device, enrolment) = next() {
          ranks.append(device)
          ranked.insert(device)
          for entry in byAuthor[device] ?? []
          where Roster.role(enrolment.role, within: limits[device], at: entry.operation.change) == .owner {
            if case .restrict = entry.act {
              if !restrict(by: entry) { waiting.append(entry) }
            } else {
              take(entry, from: device)
            }
          }
        }
        let left = waiting.filter { !restrict(by: $0) }
        guard left.count < waiting.count else { return }
        waiting = left
      } while true
    }

    /// Has a restriction take effect, unless its own writer would not be let in as an owner after it: what that had seen when it
    /// was let in, it cannot declare not to have been said. False where it has none.
    private mutating func restrict(by entry: Entry) -> Bool {
      let before = self
      settle()
      guard let granted = standing[entry.author]?.role,
        Roster.role(granted, within: limits[entry.author], at: entry.operation.change) == .owner
      else { return false }
      take(entry, from: entry.author)
      settle()
      if standing[entry.author]?.role == .owner { return true }
      self = before
      return false
    }

    /// The first of those let in whose turn has not come, and what lets it in.
    private mutating func next() -> (Digest, Enrolment)? {
      settle()
      while past < waiting.count, ranked.contains(waiting[past]) { past += 1 }
      for device in waiting[past...] where !ranked.contains(device) {
        if let enrolment = standing[device] { return (device, enrolment) }
      }
      return nil
    }

    private mutating func take(_ entry: Entry, from author: Digest?) {
      switch entry.act {
      case .enrol(let enrol):
        if enrolments[enrol.device] == nil { waiting.append(enrol.device) }
        enrolments[enrol.device, default: []].append(
          Enrolment(operation: entry.operation, enroller: author, role: enrol.role))
      case .restrict(let restrict):
        var last = limits[restrict.device]?[restrict.role] ?? [:]
        for head in restrict.last { last[head.change.log] = max(last[head.change.log] ?? 0, head.change.sequence) }
        limits[restrict.device, default: [:]][restrict.role] = last
        restrictions[restrict.device, default: []].append(entry.operation)
      case .adopt:
        return
      }
      isSettled = false
    }

    /// Works out what stands, where something was said since.
    private mutating func settle() {
      guard !isSettled else { return }
      isSettled = true
      standing = [:]
      var isGrowing = true
      while isGrowing {
        isGrowing = false
        for device in waiting where standing[device] == nil {
          standing[device] = enrolments[device]?.first { enrolment in
            guard let enroller = enrolment.enroller else { return true }
            guard let granted = standing[enroller]?.role else { return false }
            return Roster.role(granted, within: limits[enroller], at: enrolment.operation.change) == .owner
          }
          if standing[device] != nil { isGrowing = true }
        }
      }
    }
  }
}
