extension TextEdits {
  /// Edits that make `new` of `old`: word by word where little changed, and around lines that stand once in both where
  /// much did. So what somebody else does to other words at the same time stays apart from it.
  ///
  /// Myers, "An O(ND) Difference Algorithm", 1986, over words; over lines the anchors of Bram Cohen's patience
  /// difference. O(n log n) for n scalars, and what the words of a stretch of at most ``wordsMax`` take.
  public init(from old: String, to new: String) {
    self.init()
    var position = 0
    let (a, b) = (Array(old.unicodeScalars), Array(new.unicodeScalars))
    replace(a[...], by: b[...], at: &position)
  }

  /// Longer stretches are not compared word by word.
  private static let wordsMax = 1_000

  /// Makes `new` of `old`, which begins at `position`; moves that to the end.
  private mutating func replace(
    _ old: ArraySlice<Unicode.Scalar>, by new: ArraySlice<Unicode.Scalar>, at position: inout Int
  ) {
    var start = zip(old, new).prefix { $0 == $1 }.count
    var end = zip(old.dropFirst(start).reversed(), new.dropFirst(start).reversed()).prefix { $0 == $1 }.count
    if start + end < min(old.count, new.count) {
      // Two people who each put another word in place of one are not to keep some of its letters between theirs.
      start -= old.prefix(start).wordBefore(old.dropFirst(start).first, new.dropFirst(start).first)
      end -= old.suffix(end).wordAfter(old.dropLast(end).last, new.dropLast(end).last)
    }
    position += start
    defer { position += end }
    let (changed, wanted) = (old.dropFirst(start).dropLast(end), new.dropFirst(start).dropLast(end))
    if changed.isEmpty || wanted.isEmpty { return exchange(changed, for: wanted, at: &position) }
    let (oldWords, newWords) = (changed.words, wanted.words)
    if oldWords.count <= Self.wordsMax, newWords.count <= Self.wordsMax {
      return replace(words: oldWords, by: newWords, at: &position)
    }
    let (oldLines, newLines) = (changed.lines, wanted.lines)
    let anchors = Self.anchors(oldLines, newLines)
    guard !anchors.isEmpty else { return exchange(changed, for: wanted, at: &position) }
    var (oldStart, newStart) = (changed.startIndex, wanted.startIndex)
    for (line, other) in anchors {
      let (oldLine, newLine) = (oldLines[line], newLines[other])
      replace(changed[oldStart..<oldLine.startIndex], by: wanted[newStart..<newLine.startIndex], at: &position)
      position += oldLine.count
      (oldStart, newStart) = (oldLine.endIndex, newLine.endIndex)
    }
    replace(changed[oldStart...], by: wanted[newStart...], at: &position)
  }

  private mutating func replace(
    words old: [ArraySlice<Unicode.Scalar>], by new: [ArraySlice<Unicode.Scalar>], at position: inout Int
  ) {
    let difference = new.difference(from: old)
    var gone = Set<Int>()
    var come = Set<Int>()
    for case .remove(let offset, _, _) in difference { gone.insert(offset) }
    for case .insert(let offset, _, _) in difference { come.insert(offset) }
    var (here, there) = (0, 0)
    while here < old.count || there < new.count {
      let (oldStart, newStart) = (here, there)
      while gone.contains(here) { here += 1 }
      while come.contains(there) { there += 1 }
      exchange(old[oldStart..<here].joined(), for: new[newStart..<there].joined(), at: &position)
      if here < old.count {
        position += old[here].count
        here += 1
        there += 1
      }
    }
  }

  /// Deletes `old`, which begins at `position`, inserts `new` there, and moves that to the end of it.
  private mutating func exchange(
    _ old: some Collection<Unicode.Scalar>, for new: some Collection<Unicode.Scalar>, at position: inout Int
  ) {
    let count = old.count
    if count > 0 { delete(position..<position + count) }
    guard !new.isEmpty else { return }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: new)
    insert(String(text), at: position)
    position += new.count
  }

  /// Lines that stand once in `old` and once in `new`, as many as follow each other the same way in both: their
  /// indices there, ascending.
  private static func anchors(
    _ old: [ArraySlice<Unicode.Scalar>], _ new: [ArraySlice<Unicode.Scalar>]
  ) -> [(Int, Int)] {
    func unique(_ lines: [ArraySlice<Unicode.Scalar>]) -> [ArraySlice<Unicode.Scalar>: Int] {
      Dictionary(lines.indices.map { (lines[$0], $0) }) { _, _ in -1 }.filter { $0.value >= 0 }
    }
    let inOld = unique(old)
    let pairs = unique(new).compactMap { line, index in inOld[line].map { ($0, index) } }.sorted { $0 < $1 }
    // The longest ascending subsequence: the least end of one of each length, and what comes before each.
    var ends: [Int] = []
    var before = [Int?](repeating: nil, count: pairs.count)
    for (index, pair) in pairs.enumerated() {
      let length = ends.partitioningIndex { pairs[$0].1 > pair.1 }
      before[index] = length > 0 ? ends[length - 1] : nil
      if length < ends.count { ends[length] = index } else { ends.append(index) }
    }
    var chain: [(Int, Int)] = []
    var next = ends.last
    while let index = next {
      chain.append(pairs[index])
      next = before[index]
    }
    return chain.reversed()
  }
}

extension TextEdits {
  /// The same edits, made on `old`, as edits of `present`, into which others have made it meanwhile.
  ///
  /// Both are merged as if two people had made them at the same time. O(both texts).
  public func rebased(from old: String, onto present: String) -> TextEdits {
    if Array(old.utf8) == Array(present.utf8) { return self }
    let theirs = TextEdits(from: old, to: present)
    var document = TextDocument(base: old)
    document.add(TextOperation(theirs, by: 1))
    document.merge()
    document.add(TextOperation(self, by: 0))
    var rebased = TextEdits()
    document.merge { patch, content in
      switch patch {
      case .insert(let position, _, let bytes):
        rebased.insert(String(decoding: content[bytes], as: UTF8.self), at: position)
      case .delete(let range):
        rebased.delete(range)
      }
    }
    return rebased
  }
}

extension TextOperation {
  /// What one of several people did to a text that nobody had edited.
  fileprivate init(_ edits: TextEdits, by person: UInt64) {
    let log = LogID(Bytes16(high: 0, low: person))
    self.init(
      id: OperationID(log: log, sequence: 1, index: 0), predecessors: [], edits: edits.edits,
      inserted: Array(edits.inserted.utf8)[...])
  }
}

extension ArraySlice<Unicode.Scalar> {
  /// Runs of letters and digits, and everything else scalar by scalar; so are scripts that write a word, or a part of one, with each.
  fileprivate var words: [ArraySlice] {
    var words: [ArraySlice] = []
    var start = startIndex
    for index in indices where index > start {
      if self[index].isMark || self[index].isLetter && self[index - 1].isLetter { continue }
      words.append(self[start..<index])
      start = index
    }
    return isEmpty ? words : words + [self[start...]]
  }

  /// How many scalars at the end belong to a word that goes on with one of `next`.
  fileprivate func wordBefore(_ next: Unicode.Scalar?...) -> Int {
    guard next.contains(where: { $0?.isLetter == true }) else { return 0 }
    let count = reversed().prefix(Self.lettersMax + 1) { $0.isLetter }
    return count > Self.lettersMax ? 0 : count
  }

  /// How many scalars at the beginning belong to a word that one of `last` belongs to.
  fileprivate func wordAfter(_ last: Unicode.Scalar?...) -> Int {
    guard last.contains(where: { $0?.isLetter == true }) else { return 0 }
    let count = prefix(Self.lettersMax + 1) { $0.isLetter }
    return count > Self.lettersMax ? 0 : count
  }

  /// More letters in a row are no word: not every script puts spaces between words.
  private static var lettersMax: Int { 32 }

  /// Lines, each with its end.
  fileprivate var lines: [ArraySlice] {
    var lines: [ArraySlice] = []
    var start = startIndex
    for index in indices where self[index] == "\n" {
      lines.append(self[start...index])
      start = index + 1
    }
    return start < endIndex ? lines + [self[start...]] : lines
  }
}

extension Sequence {
  /// How many elements at the beginning, of at most `count`, are so.
  fileprivate func prefix(_ count: Int, _ isSo: (Element) -> Bool) -> Int {
    var found = 0
    for element in self {
      guard found < count, isSo(element) else { break }
      found += 1
    }
    return found
  }
}

extension Unicode.Scalar {
  fileprivate var isMark: Bool {
    properties.generalCategory == .nonspacingMark
  }

  /// Whether it is a part of a word that has several, between spaces.
  fileprivate var isLetter: Bool {
    isMark || (properties.isAlphabetic || properties.numericType != nil) && !isOfUnspacedScript
  }

  /// Whether it belongs to a script that puts no spaces between words (Unicode, UAX #14, classes ID and SA): there nobody can tell a word
  /// without a dictionary, and a whole clause would be taken for one.
  private var isOfUnspacedScript: Bool {
    if properties.isIdeographic { return true }
    return switch value {
    // Thai, Lao, Tibetan; Myanmar; Khmer; Tai Le to Khmer symbols; Tai Tham.
    case 0x0E00...0x0FFF, 0x1000...0x109F, 0x1780...0x17FF, 0x1950...0x19FF, 0x1A20...0x1AAF: true
    // Kana, Bopomofo and Yi; more of Myanmar and Tai Viet; halfwidth kana.
    case 0x3040...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0xA000...0xA4CF, 0xA9E0...0xA9FF, 0xAA60...0xAADF: true
    case 0xFF66...0xFF9F: true
    default: false
    }
  }
}
