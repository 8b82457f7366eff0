import AnabranchCore
import AnabranchTestSupport
import Testing

@testable import AnabranchStore

@Suite("Searching in every script")
struct ScriptTests {
  @Test(
    arguments: [
      ("東京都に住んでいます", "東京", true), ("東京都に住んでいます", "京都", true), ("東京都に住んでいます", "東都", false),
      ("東京都に住んでいます", "住んで", true), ("我在北京大学学习", "北京", true), ("我在北京大学学习", "大学", true),
      ("我在北京大学学习", "北大", false), ("我在北京大学学习", "学", true), ("我在北京大学学习", "北京 学习", true),
      ("我在北京大学学习", "学习 上海", false), ("안녕하세요 세계", "세계", true), ("안녕하세요 세계", "하세", true),
      ("안녕하세요 세계", "안하", false), ("ภาษาไทยง่าย", "ไทย", true), ("ภาษาไทยง่าย", "ภาไทย", false),
      ("iPhone用のSwift入門", "swift", true), ("iPhone用のSwift入門", "用のswift", true),
      ("iPhone用のSwift入門", "入門 iphone", true), ("iPhone用のSwift入門", "\"swift 入門\"", true),
      ("iPhone用のSwift入門", "phone", false), ("𠮷野家", "𠮷野", true), ("ｶﾀｶﾅ", "ﾀｶ", true),
      ("مرحبا بالعالم", "بالعالم", true), ("مُحَمَّد", "محمد", true),
      ("שלום עולם", "עולם", true), ("שָׁלוֹם", "שלום", true), ("say שלום 2 عالم", "عالم say", true),
      ("Ça coûte déjà", "ca coute deja", true), ("Ca coute", "ça coûte", true),
      ("e\u{301}te\u{301}", "été", true),
      ("été", "e\u{301}te", true), ("Ångström", "angstrom", true), ("Żółć", "zolc", false),
      ("Tiếng Việt", "tieng viet", true),
      ("ÄPFEL", "äpfel", true), ("Привет, МИР", "мир", true), ("ΚΑΛΗΜΕΡΑ", "καλημερα", true),
      ("before\u{0}after", "after", true), ("before\u{0}after", "before after", true), ("東\u{0}京", "東", true),
      ("東 京", "東京", true), ("naïve-approach", "naive", true), ("snake_case", "case", true),
      ("हिन्दी भाषा", "हिन्दी", true), ("हिन्दी भाषा", "हन्द", false),
      ("தமிழ்", "தமிழ்", true), ("محــمد", "محمد", true), ("محمد", "مُحَمَّد", true),
      ("❤\u{FE0F}river👩🏽‍🚀space", "river space", true),
      ("C++ and C#", "c", true), ("3.14159", "14159", true), ("🏞️river🏞️", "river", true),
    ])
  func finds(text: String, query: String, isFound: Bool) throws {
    let folder = try TemporaryFolder()
    var author = try Author(folder.store())
    let conversation = try author.start("title")
    try author.say(text, in: conversation)
    // As a whole word, as a prefix, and from the index.
    for query in [query + " ", query] where isFound || query.hasSuffix(" ") {
      let hits = try author.store.search(query)
      #expect(hits.isEmpty == !isFound, "\(query)")
      for hit in hits {
        #expect(
          !hit.matches.isEmpty && hit.matches.allSatisfy { $0.upperBound <= hit.snippet.unicodeScalars.count }
        )
      }
    }
    while try author.store.indexStep() {}
    #expect(try author.store.search(query + " ").isEmpty == !isFound)
  }
}
