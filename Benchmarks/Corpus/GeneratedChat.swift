internal import Foundation
internal import SeededRandom

/// A chat history of any length that is the same on every machine: bursts of ten messages a conversation, five hundred
/// in all, some 385 bytes of text each, in words of a vocabulary whose common ones are as common as in a language.
struct GeneratedChat: Sequence, IteratorProtocol {
  private var random: RandomStream
  private let words: [String]
  /// The share of all words up to each, in parts of the last.
  private let shares: [Int]
  private var left: Int
  private var number = 0
  private var time: Int64 = 1_750_000_000_000
  private let conversations: Int
  private let bytes: ClosedRange<Int>
  private let name: String

  /// Messages of a conversation.
  static let messagesPerConversation = 500
  private static let burst = 10
  private static let vocabulary = 4_000

  /// A history of so many messages, whose texts reach a number of bytes in `bytes`, in conversations called `name`
  /// and a number.
  init(messages: Int, seed: UInt64 = 1, bytes: ClosedRange<Int> = 150...570, name: String = "conversation") {
    self.bytes = bytes
    self.name = name
    random = RandomStream(seed: seed, "chat")
    left = messages
    conversations = Swift.max(1, messages / Self.messagesPerConversation)
    var vocabulary = RandomStream(seed: 1, "vocabulary")
    words = (0..<Self.vocabulary).map { _ in Self.word(&vocabulary) }
    var sum = 0
    shares = (0..<Self.vocabulary).map { rank in
      sum += 1_000_000 / (rank + 5)
      return sum
    }
  }

  mutating func next() -> Message? {
    guard left > 0 else { return nil }
    left -= 1
    defer { number += 1 }
    time += Int64(1_000 + random.number(in: 0...60_000))
    return Message(
      id: "message-\(number)", conversation: "\(name)-\(number / Self.burst % conversations)",
      role: number.isMultiple(of: 2) ? "user" : "assistant", created: time, body: body())
  }

  private mutating func body() -> String {
    let target = random.number(in: bytes)
    var text = ""
    while text.utf8.count < target {
      if !text.isEmpty { text += " " }
      for position in 0..<random.number(in: 6...14) {
        let word = words[rank()]
        text += position == 0 ? word.capitalized : " " + word
      }
      text += random.chance(1, in: 8) ? "?" : "."
    }
    return text
  }

  /// The place of a word, the common ones often.
  private mutating func rank() -> Int {
    let share = random.number(in: 0...(shares.last ?? 1) - 1)
    var (low, high) = (0, shares.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if shares[middle] > share { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private static func word(_ random: inout RandomStream) -> String {
    let (starts, vowels, ends) = (Array("bcdfghlmnprstvw"), Array("aeiou"), ["", "", "n", "r", "s", "t", "l"])
    var word = ""
    for _ in 0..<random.number(in: 1...3) {
      word.append(random.pick(starts) ?? "b")
      word.append(random.pick(vowels) ?? "a")
    }
    return word + (random.pick(ends) ?? "")
  }
}
