internal import AnabranchCore

/// Registers and sets, and what was taken back of them before.
extension UndoPlanner {
  /// Writes that show, or that only others of the same actions replaced, give way to what they replaced.
  mutating func undoRegisters() throws {
    struct Place: Hashable {
      let object: ObjectKey
      let register: RegisterKind
    }
    // Of one that was written ten thousand times, read once.
    var pasts: [Place: (taken: Set<OperationID>, replaced: [OperationID: OperationID])] = [:]
    for held in order {
      // What a device is called is a matter of the roster.
      guard case .writeRegister(let write) = held.operation.mutation, write.register != .name,
        let (id, key, holder) = try object(of: held)
      else { continue }
      let place = Place(object: key, register: write.register)
      let past = try pasts[place] ?? past(of: write.register, key)
      pasts[place] = past
      guard !past.taken.contains(held.id) else { continue }
      if let other = past.replaced[held.id] {
        leave(held, .changedSince, by: other.log)
      } else {
        try takeBack(held.id, of: id, in: holder)
      }
    }
  }

  /// What is withdrawn of an object, and by write to a register of it one that shows and had seen it, and stays.
  /// O(writes).
  private func past(
    of register: RegisterKind, _ object: ObjectKey
  ) throws -> (taken: Set<OperationID>, replaced: [OperationID: OperationID]) {
    let writes = try reader.writes(to: register, of: object)
    let taken = try reader.taken(from: object)
    let others = writes.filter { !isUndone($0.write.operation) }
    let predecessors = Dictionary(writes.map { ($0.write.operation, $0.predecessors) }) { first, _ in first }
    var replaced: [OperationID: OperationID] = [:]
    for shown in MultiValueRegister(others, without: taken).live {
      var waiting = predecessors[shown.operation] ?? []
      while let next = waiting.popLast() {
        guard replaced[next] == nil else { continue }
        replaced[next] = shown.operation
        waiting += predecessors[next] ?? []
      }
    }
    return (taken, replaced)
  }

  /// Whether the writer of `later` had seen `write`, by what the writes name.
  private static func has(
    seen write: OperationID, _ later: OperationID, _ writes: [MultiValueRegister.Replacing]
  ) -> Bool {
    let predecessors = Dictionary(writes.map { ($0.write.operation, $0.predecessors) }) { first, _ in first }
    var waiting = predecessors[later] ?? []
    var seen: Set<OperationID> = []
    while let next = waiting.popLast() {
      if next == write { return true }
      if seen.insert(next).inserted { waiting += predecessors[next] ?? [] }
    }
    return false
  }

  /// Additions that stand, or that only others of the same actions removed, and removals.
  mutating func undoSets() throws {
    struct Place: Hashable {
      let object: ObjectKey
      let set: SetKind
    }
    var pasts: [Place: (taken: Set<OperationID>, removed: [OperationID: OperationID])] = [:]
    for held in order {
      let set: SetKind
      switch held.operation.mutation {
      case .addElement(let add): set = add.set
      case .removeElement(let remove): set = remove.set
      default: continue
      }
      guard let (id, key, holder) = try object(of: held) else { continue }
      let place = Place(object: key, set: set)
      let past = try pasts[place] ?? past(of: set, key)
      pasts[place] = past
      guard !past.taken.contains(held.id) else { continue }
      if let remover = past.removed[held.id] {
        leave(held, .changedSince, by: remover.log)
      } else {
        try takeBack(held.id, of: id, in: holder)
      }
    }
  }

  /// What is withdrawn of an object, and by addition to a set of it the removal of it that stays. O(removals).
  private func past(
    of set: SetKind, _ object: ObjectKey
  ) throws -> (taken: Set<OperationID>, removed: [OperationID: OperationID]) {
    let taken = try reader.taken(from: object)
    var removed: [OperationID: OperationID] = [:]
    for removal in try reader.removals(from: set, of: object) where !taken.contains(removal.id) && !isUndone(removal.id)
    {
      guard case .removeElement(let remove) = removal.operation.mutation else { continue }
      for addition in remove.additions where removed[addition] == nil { removed[addition] = removal.id }
    }
    return (taken, removed)
  }

  /// What was taken back counts again, but for a register that somebody wrote since, and for what is itself taken back now.
  mutating func undoWithdrawals() throws {
    for held in order {
      guard case .withdraw(let withdraw) = held.operation.mutation, let (id, key, holder) = try object(of: held),
        let name = logs.key(of: held.id), try db.withdrawals(of: key).contains(name)
      else { continue }
      var blocked: [OperationID] = []
      for operation in withdraw.operations {
        guard !isUndone(operation) else {
          blocked.append(operation)
          continue
        }
        guard let written = try reader.held(operation), case .writeRegister(let write) = written.operation.mutation
        else { continue }
        let writes = try reader.writes(to: write.register, of: key)
        let live = MultiValueRegister(writes, without: try reader.taken(from: key)).live
        // Of what stood beside it when it was taken back, it is no news.
        let newer = live.first { other in
          other.operation != operation && Withdrawal(held)?.covers(other.operation) == false
            && !Self.has(seen: other.operation, operation, writes)
        }
        guard let newer else { continue }
        blocked.append(operation)
        leave(written, .changedSince, by: newer.operation.log)
      }
      plan.reversed += withdraw.operations.count - blocked.count
      guard blocked.count < withdraw.operations.count else { continue }
      reinstated[id, default: []].append(held.id)
      if !blocked.isEmpty { takenBack[id, default: []] += blocked }
      stirred.insert(holder)
      try note(holder)
    }
  }
}
