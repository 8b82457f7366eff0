import Anabranch
import Testing

@testable import AnabranchExchange

@Suite struct JSONReaderTests {
  private func reader(_ text: String, windowBytes: Int = 256) -> JSONReader {
    JSONReader(MemorySource(Array(text.utf8)), windowBytes: windowBytes)
  }

  @Test(arguments: [1, 2, 3, 7, 8, 64])
  func valuesAreReadWhateverTheWindow(windowBytes: Int) throws {
    let reader = reader(
      #" { "text" : "a\"b\\c\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000", "list":[1,-2.5e+3,true,false,null,{}] } "#,
      windowBytes: windowBytes)
    try reader.beginObject()
    #expect(try reader.nextKey() == "text")
    #expect(try reader.string() == "a\"b\\c/\u{8}\u{C}\n\r\té😀\u{0}")
    #expect(try reader.nextKey() == "list")
    try reader.beginArray()
    #expect(try reader.nextElement())
    #expect(try reader.numberText() == "1")
    #expect(try reader.nextElement())
    #expect(try reader.numberText() == "-2.5e+3")
    #expect(try reader.nextElement())
    #expect(try reader.bool())
    #expect(try reader.nextElement())
    #expect(try !reader.bool())
    #expect(try reader.nextElement())
    try reader.null()
    #expect(try reader.nextElement())
    try reader.beginObject()
    #expect(try reader.nextKey() == nil)
    #expect(try !reader.nextElement())
    #expect(try reader.nextKey() == nil)
    try reader.end()
    #expect(reader.repairs.isEmpty)
    #expect(reader.depth == 0)
  }

  @Test(arguments: [
    (#""\ud800""#, "\u{FFFD}", 1), (#""\udc00x""#, "\u{FFFD}x", 1),
    (#""\ud800\ud800\udc00""#, "\u{FFFD}\u{10000}", 1),
    (#""\ud83dx\ude00""#, "\u{FFFD}x\u{FFFD}", 2), (#""\ud83d\n""#, "\u{FFFD}\n", 1),
    (#""\ud83d\u0041""#, "\u{FFFD}A", 1),
  ])
  func halvesOfCharactersAreReplacedAndCounted(json: String, text: String, count: Int) throws {
    for windowBytes in [1, 256] {
      let reader = reader(json, windowBytes: windowBytes)
      #expect(try reader.string() == text)
      #expect(reader.repairs == JSONRepairs(loneSurrogates: count, invalidTexts: 0))
    }
  }

  @Test(arguments: [
    (#""\u\8""#, "at byte 3, four hexadecimal digits after \\u was expected and ‘\\’ was found"),
    (#""\u00""#, "at byte 5, four hexadecimal digits after \\u was expected and ‘\"’ was found"),
    (#""\u0"#, "at byte 4, four hexadecimal digits after \\u was expected and the end was found"),
  ])
  func anErrorNamesTheByteThatIsWrongWhateverTheWindow(json: String, message: String) {
    for windowBytes in [1, 4, 256] {
      let error = #expect(throws: AnabranchError.self) { try reader(json, windowBytes: windowBytes).string() }
      #expect(error?.message == message)
    }
  }

  @Test func aNumberThatIsTooLongIsRefusedWhereItIsWhateverTheWindow() {
    let digits = String(repeating: "1", count: JSONReader.numberBytesMax)
    for windowBytes in [1, JSONReader.numberBytesMax, 4_096] {
      #expect(throws: Never.self) { try reader(digits, windowBytes: windowBytes).numberText() }
      let error = #expect(throws: AnabranchError.self) {
        try reader(digits + "2", windowBytes: windowBytes).numberText()
      }
      #expect(
        error?.message
          == "at byte \(JSONReader.numberBytesMax), a number of fewer digits was expected and ‘2’ was found")
    }
  }

  @Test func bytesThatAreNotUTF8AreReplacedAndCounted() throws {
    let reader = JSONReader(MemorySource([0x22, 0x61, 0xFF, 0x62, 0x22]))
    #expect(try reader.string() == "a\u{FFFD}b")
    #expect(reader.repairs == JSONRepairs(loneSurrogates: 0, invalidTexts: 1))
  }

  @Test func skippedValuesTellWhereTheyLieAndCanBeReadAgain() throws {
    let text = #"[{"a":"]}\"","b":[[]]}, 12.5 ,"x\\"]"#
    for windowBytes in [1, 4, 256] {
      let reader = reader(text, windowBytes: windowBytes)
      var places: [Range<Int64>] = []
      try reader.beginArray()
      while try reader.nextElement() { places.append(try reader.skip()) }
      try reader.end()
      let parts = places.map {
        String(decoding: Array(text.utf8)[Int($0.lowerBound)..<Int($0.upperBound)], as: UTF8.self)
      }
      #expect(parts == [#"{"a":"]}\"","b":[[]]}"#, "12.5", #""x\\""#])
      reader.seek(to: places[2])
      #expect(try reader.string() == #"x\"#)
      reader.seek(to: places[0])
      #expect(try reader.canonical() == Array(#"{"a":"]}\"","b":[[]]}"#.utf8))
      try reader.end()
    }
  }

  @Test func aRangeEndsWhereItEndsAlsoWhenMoreIsLoaded() throws {
    let reader = reader("[1,22,3]")
    try reader.beginArray()
    #expect(try reader.nextElement())
    let place = try reader.skip()
    reader.seek(to: place)
    #expect(try reader.numberText() == "1")
    try reader.end()
    reader.seek(to: 3..<4)
    #expect(try reader.numberText() == "2")
    try reader.end()
  }

  @Test(arguments: [
    "", "[", "[1", "[1,", "[1,]", "{", #"{"a""#, #"{"a":"#, #"{"a":1"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a" 1}"#,
    "tru", "nul",
    "01", "-", "1.", "1e", "+1", ".5", #""abc"#, #""\x""#, #""\u12g4""#, #""\"#, "[1 2]", "]", "\u{1}",
  ])
  func whatIsNotJSONIsRefusedWithItsPlace(text: String) {
    let error = #expect(throws: AnabranchError.self) {
      let reader = reader(text)
      _ = try reader.canonical()
      try reader.end()
    }
    #expect(error?.code == .format)
    #expect(error?.message.hasPrefix("at byte ") == true)
  }

  @Test func depthIsLimited() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    let deepest = nested(JSONReader.depthMax)
    #expect(try reader(deepest).canonical() == Array(deepest.utf8))
    #expect(throws: AnabranchError.self) { try reader(nested(JSONReader.depthMax + 1)).canonical() }
    #expect(throws: AnabranchError.self) {
      try reader(String(repeating: "[{\"a\":", count: 100_000)).canonical()
    }
    #expect(try reader(nested(100_000)).skip() == 0..<200_000)
  }

  @Test func longStringsCrossWindows() throws {
    let text = String(repeating: "0123456789é\\\"", count: 1_000)
    let json = "\"" + text.replacing("\\\"", with: "\\\\\\\"") + "\""
    for windowBytes in [1, 5, 8, 100, 1 << 20] {
      #expect(try reader(json, windowBytes: windowBytes).string() == text)
      #expect(try JSONReader(DripSource(Array(json.utf8)), windowBytes: windowBytes).string() == text)
    }
  }
}
