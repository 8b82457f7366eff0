extension Change {
  /// The same change under the names that it, and what it refers to, have where logs are `branches` of others.
  ///
  /// What it is called by its author is ``id``; `name` is what it is called here. `place` finds the change that a dependency means, by
  /// its hash; `end` the head of a log that others go on from. Every log on the way to it, and to what it depends on,
  /// is among its dependencies, so causal order, and what a deletion had seen, need no rule of their own. What an author did in one go
  /// ends where its log forked. Rethrows the closures' errors. O(change).
  public func named<Failure: Error>(
    _ name: ChangeID, among branches: Branches, place: (Dependency) throws(Failure) -> ChangeID,
    end: (LogID) throws(Failure) -> LogHead?
  ) throws(Failure) -> Change {
    var renaming = Renaming(own: id.log, to: name.log, branches)
    var last = LastChanges()
    func addWay(to log: LogID) throws(Failure) {
      for log in branches.way(to: log) {
        guard let end = try end(log), end.sequence > 0 else { continue }
        let change = ChangeID(log: log, sequence: end.sequence)
        last.add(Dependency(change: change, hash: end.hash.head))
        renaming.ends[log] = change
      }
    }
    try addWay(to: name.log)
    for dependency in dependencies {
      let change = try place(dependency)
      renaming.places[dependency.change.log] = change.log
      last.add(Dependency(change: change, hash: dependency.hash))
      try addWay(to: change.log)
    }
    last.byLog[name.log] = nil
    var change = self
    change.id = name
    change.action = max(action, branches.offset(of: name.log) + 1) - branches.offset(of: name.log)
    change.dependencies = last.sorted
    for index in change.operations.indices { change.operations[index].rename(by: renaming) }
    return change
  }
}

extension Branches {
  /// The logs up to `heads`, which somebody named, under the names of here: of a log that forked, all of the way to each head, and
  /// nothing beside it. Where a head is not held, so that `place` finds nothing, which branch is meant cannot be told: then only what
  /// is common to all of them. `end` is the head of a log. Rethrows the closures' errors.
  public func named<Failure: Error>(
    _ heads: [Dependency], place: (Dependency) throws(Failure) -> ChangeID?, end: (LogID) throws(Failure) -> LogHead?
  ) throws(Failure) -> [Dependency] {
    guard !isEmpty else { return heads }
    var last = LastChanges()
    for head in heads {
      guard concerns(head.change.log) else {
        last.add(head)
        continue
      }
      let (found, root) = (try place(head), root(of: head.change.log))
      last.add(Dependency(change: found ?? original(head.change), hash: head.hash))
      for log in way(to: found?.log ?? root) {
        guard let end = try end(log), end.sequence > 0 else { continue }
        last.add(Dependency(change: ChangeID(log: log, sequence: end.sequence), hash: end.hash.head))
      }
    }
    return last.sorted
  }
}

/// Of each log the last change that something names.
private struct LastChanges {
  var byLog: [LogID: Dependency] = [:]

  mutating func add(_ dependency: Dependency) {
    if let known = byLog[dependency.change.log], known.change.sequence >= dependency.change.sequence { return }
    byLog[dependency.change.log] = dependency
  }

  /// In ascending order of logs.
  var sorted: [Dependency] {
    byLog.values.sorted { $0.change < $1.change }
  }
}

/// What the names in a change mean.
private struct Renaming {
  /// What the author calls the change's log.
  let own: LogID
  let branches: Branches
  /// Of each log that it names, the one in which the change lies on which it depends there.
  var places: [LogID: LogID]
  /// Of the logs on the way to those, the last change.
  var ends: [LogID: ChangeID] = [:]

  init(own: LogID, to name: LogID, _ branches: Branches) {
    self.own = own
    self.branches = branches
    places = [own: name]
  }

  func callAsFunction(_ operation: OperationID) -> OperationID {
    guard let place = places[operation.log],
      let change = branches.change(branches.original(operation.change).sequence, onTheWayTo: place)
    else { return operation }
    return OperationID(log: change.log, sequence: change.sequence, index: operation.index)
  }

  /// Marks up to `messages`: what comes before a branch was read, too, where something of it was.
  func joined(_ messages: [OperationID]) -> [OperationID] {
    var last: [LogID: OperationID] = [:]
    for message in messages {
      last[message.log] = max(last[message.log] ?? message, message)
      for end in branches.way(to: message.log).compactMap({ ends[$0] }) {
        last[end.log] = OperationID(log: end.log, sequence: end.sequence, index: OperationID.indexMax)
      }
    }
    return last.values.sorted()
  }

  func callAsFunction(_ object: ObjectID) -> ObjectID {
    object.operation.map { .native(self($0)) } ?? object
  }
}

extension Operation {
  fileprivate mutating func rename(by name: Renaming) {
    envelope.target = envelope.target.map { name($0) }
    mutation.rename(by: name)
  }
}

extension Mutation {
  fileprivate mutating func rename(by name: Renaming) {
    switch self {
    case .createMessage(let message):
      self = .createMessage(message.renamed(by: name))
    case .importMessage(var source):
      source.base = source.base.renamed(by: name)
      self = .importMessage(source)
    case .importConversation(var source):
      source.chunks = source.chunks.map { name($0) }
      self = .importConversation(source)
    case .appendText(var append):
      append.predecessors = append.predecessors.map { name($0) }
      self = .appendText(append)
    case .editText(var edit):
      edit.predecessors = edit.predecessors.map { name($0) }
      self = .editText(edit)
    case .writeRegister(var write):
      write.predecessors = write.predecessors.map { name($0) }
      self = .writeRegister(write)
    case .removeElement(var remove):
      remove.additions = remove.additions.map { name($0) }
      self = .removeElement(remove)
    case .receipt(var receipt):
      receipt.purges = receipt.purges.map { name($0) }
      self = .receipt(receipt)
    case .purgePast(var purge):
      purge.operation = name(purge.operation)
      purge.chunks = purge.chunks.map { name($0) }
      self = .purgePast(purge)
    case .markRead(var mark):
      mark.messages = name.joined(mark.messages.map { name($0) })
      self = .markRead(mark)
    case .withdraw(var withdraw):
      withdraw.operations = withdraw.operations.map { name($0) }
      self = .withdraw(withdraw)
    case .reinstate(var reinstate):
      reinstate.withdrawals = reinstate.withdrawals.map { name($0) }
      self = .reinstate(reinstate)
    case .regainText(var regain):
      regain.operation = name(regain.operation)
      for index in regain.origins.indices {
        regain.origins[index].operation = regain.origins[index].operation.map { name($0) }
      }
      self = .regainText(regain)
    case .undo(var undo):
      undo.actions = undo.actions.map { name($0) }
      self = .undo(undo)
    // What changes the roster names changes that need not be held: the roster finds out which they are.
    case .createConversation, .addElement, .trash, .restore, .chunk, .purge, .unknown, .enrol, .restrict, .adopt:
      break
    }
  }
}

extension CreateMessage {
  fileprivate func renamed(by name: Renaming) -> CreateMessage {
    var message = self
    message.parents = parents.map { name($0) }
    message.chunks = chunks.map { name($0) }
    if case .named(let line) = line { message.line = .named(name(line)) }
    return message
  }
}
