import Anabranch
import SeededRandom
import Testing

@testable import AnabranchExchange

@Suite struct CanonicalTests {
  private func canonical(_ text: String, windowBytes: Int = 256) throws -> String {
    let reader = JSONReader(MemorySource(Array(text.utf8)), windowBytes: windowBytes)
    return String(decoding: try reader.canonical(), as: UTF8.self)
  }

  @Test(arguments: [
    (#" { "b" : 1 , "a" : [ 1.50 , -0 ] } "#, #"{"a":[1.50,-0],"b":1}"#),
    (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
    (#"{"b":{"d":1,"c":{"z":[],"y":{}}},"a":null}"#, #"{"a":null,"b":{"c":{"y":{},"z":[]},"d":1}}"#),
    (#""\u0041\/\u0000\u001f\n\u2028é""#, "\"A/\\u0000\\u001f\\n\u{2028}é\""),
    (#"[{"aa":1,"a":2},[],{}]"#, #"[{"a":2,"aa":1},[],{}]"#),
    (#"{"é":1,"e\u0301":2}"#, "{\"e\u{301}\":2,\"é\":1}"),
    ("1e400", "1e400"),
  ])
  func oneFormForOneValue(text: String, expected: String) throws {
    for windowBytes in [1, 256] {
      #expect(Array(try canonical(text, windowBytes: windowBytes).utf8) == Array(expected.utf8))
    }
    #expect(Array(try canonical(expected).utf8) == Array(expected.utf8))
  }

  @Test func orderOfKeysAndWhiteSpaceNeverMatter() throws {
    var random = RandomStream(seed: 7)
    for _ in 0..<300 {
      let value = RandomJSON.value(&random, depth: 4)
      let one = value.text(&random)
      let other = value.text(&random)
      let form = try canonical(one)
      #expect(try canonical(other) == form)
      #expect(try canonical(form) == form)
    }
  }

  @Test func objectsPutTogetherAreInTheSameForm() throws {
    var object = CanonicalObject()
    object.set("b", to: "x\u{0}\"")
    object.set("a", toCanonical: Array("[1]".utf8))
    object.set("b", toCanonical: Array("2".utf8))
    object.set("none", to: CanonicalObject())
    #expect(object.text() == #"{"a":[1],"b":2}"#)
    #expect(CanonicalObject().text() == nil)
  }
}
