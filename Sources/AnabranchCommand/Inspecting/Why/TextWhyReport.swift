internal import Anabranch

/// Why a text reads as it does, as `inspect why ID text --json` prints it.
struct TextWhyReport: Encodable {
  /// Some words: the beginning of them, and how many there are.
  struct Words: Encodable {
    /// What they say, as far as that is there: at most 200 Unicode scalars.
    var text: String
    /// How many Unicode scalars they have in all.
    var count: Int
    /// How many of these were purged, and how many else are not on this device.
    var purged: Int
    var absent: Int

    init(_ words: TextExcerpt) {
      (text, count, purged, absent) = (words.text, words.count, words.purged, words.absent)
    }
  }

  /// Something that was done, by whom and when, and what is told of it: the keys of both are one object's.
  struct Done<Account: Encodable>: Encodable {
    var deed: Deed
    var account: Account

    func encode(to encoder: any Encoder) throws {
      try deed.encode(to: encoder)
      try account.encode(to: encoder)
    }
  }

  /// Who did something, and when.
  struct Deed: Encodable {
    /// The log, the number of the change in it, and the place in the change.
    var operation: String
    var action: String
    var log: String
    /// What people call the device.
    @Nullable var device: String?
    var time: String

    init(_ operation: OperationID, _ action: ChangeID, _ time: HybridTime, _ names: LogNames) {
      self.operation = TextWhyReport.name(operation)
      self.action = action.actionName.description
      log = operation.log.description
      device = names[operation.log]
      self.time = Moment.text(time.milliseconds)
    }
  }

  struct Base: Encodable {
    /// The number of the kind of operation.
    var kind: UInt32
    /// Of an import, when the source changed the conversation last.
    @Nullable var updated: String?
    var words: Words
    var imports: Int
    var edits: Int
    /// `shown`, `unedited`, `withdrawn` or `passed-over`.
    var standing: String
    /// Of what is passed over, what told it from what shows: `source`, `content`, `log` or `place`.
    @Nullable var tiebreak: String?
  }

  struct Step: Encodable {
    struct Edit: Encodable {
      /// `inserted` or `deleted`.
      var kind: String
      var words: Words
    }

    var edits: [Edit]
    var editCount: Int
    var inserted: Int
    var shown: Int
    var deleted: Int
    var concurrent: [String]
    var concurrentCount: Int
    var undoes: [String]
    @Nullable var undoneBy: String?
    /// How many more undos took it back and stand.
    var moreUndos: Int
    /// Of what counts though its device might not do it, why.
    @Nullable var need: NeedReport?
  }

  struct Meeting: Encodable {
    /// `insertions`, `deletions` or `insertion-within`.
    var kind: String
    var operations: [String]
    var words: [Words]
    /// Of each of these whether any of it shows.
    var isShown: [Bool]
    /// Of insertions at one place, what put the first one first: `neighbour`, `log` or `place`.
    @Nullable var rule: String?
    /// Of deletions that were all undone by people who had not heard of each other, the actions to undo one after the other for
    /// the words to be there again; else empty.
    var undo: [String]
    /// Of deletions, the operations by which undos put words back that show.
    var putBackBy: [String]
  }

  struct Uncounted: Encodable {
    var inserted: Words
    /// The same place by place, and how many edits there are.
    var insertions: [Words]
    var editCount: Int
    var deleted: Int
    /// What its device might do: `removed`, `reader` or `writer`; null where nobody ever let it in.
    @Nullable var role: String?
  }

  var object: String
  /// As it was asked for: `text`, `draft` or `notes`.
  var what: String
  var words: Words
  var bases: [Done<Base>]
  var baseShown: Int
  var steps: [Done<Step>]
  var stepCount: Int
  var meetings: [Meeting]
  var meetingCount: Int
  var uncounted: [Done<Uncounted>]
  var uncountedCount: Int

  fileprivate static func name(_ operation: OperationID) -> String {
    "\(operation.log)/\(operation.sequence)/\(operation.index)"
  }
}

extension TextWhyReport {
  init(_ told: ExplainedText, _ text: WhyText, of object: ObjectID, _ names: LogNames) {
    self.object = object.description
    what = text.rawValue
    words = Words(told.text)
    bases = told.bases.map { base in
      Done(deed: Deed(base.operation, base.action, base.time, names), account: Base(base))
    }
    steps = told.steps.map { told in
      Done(deed: Deed(told.step.operation, told.action, told.step.time, names), account: Step(told))
    }
    meetings = told.meetings.map(Meeting.init)
    uncounted = told.uncounted.map { one in
      Done(
        deed: Deed(one.operation, one.action, one.time, names),
        account: Uncounted(
          inserted: Words(one.inserted), insertions: one.insertions.map { Words($0) }, editCount: one.editCount,
          deleted: one.deleted, role: one.role?.name))
    }
    (baseShown, stepCount) = (told.baseShown, told.stepCount)
    (meetingCount, uncountedCount) = (told.meetingCount, told.uncountedCount)
  }
}

extension TextWhyReport.Base {
  fileprivate init(_ base: TextBase) {
    kind = base.kind.rawValue
    updated = base.updated.map { Moment.text($0) }
    (words, imports, edits) = (.init(base.words), base.imports, base.edits)
    tiebreak = nil
    switch base.standing {
    case .shown: standing = "shown"
    case .unedited: standing = "unedited"
    case .withdrawn: standing = "withdrawn"
    case .passedOver(let rule): (standing, tiebreak) = ("passed-over", rule.rawValue)
    }
  }
}

extension TextWhyReport.Step {
  fileprivate init(_ told: ExplainedText.Step) {
    let step = told.step
    edits = step.edits.map { Edit(kind: $0.isDeletion ? "deleted" : "inserted", words: .init($0.words)) }
    (editCount, inserted, shown, deleted) = (step.editCount, step.inserted, step.shown, step.deleted)
    (concurrent, concurrentCount) = (step.concurrent.map(TextWhyReport.name), step.concurrentCount)
    (undoes, undoneBy) = (told.undoes.map(\.actionName.description), told.undoneBy?.actionName.description)
    moreUndos = told.moreUndos
    need = told.need.map { NeedReport($0) }
  }
}

extension TextWhyReport.Meeting {
  fileprivate init(_ told: ExplainedText.Meeting) {
    let meeting = told.meeting
    operations = meeting.operations.map(TextWhyReport.name)
    putBackBy = meeting.restorers.map(TextWhyReport.name)
    undo = told.crossing?.remedy.map(\.actionName.description) ?? []
    rule = nil
    switch meeting {
    case .insertions(let first, let second, let decided):
      (kind, words, rule) = ("insertions", [.init(first.text), .init(second.text)], decided.rawValue)
      isShown = [first.isShown, second.isShown]
    case .deletions(let deleted, _, let again):
      (kind, words, isShown) = ("deletions", [.init(deleted)], [again != nil])
    case .insertion(let inserted, _):
      (kind, words, isShown) = ("insertion-within", [.init(inserted.text)], [inserted.isShown])
    }
  }
}
