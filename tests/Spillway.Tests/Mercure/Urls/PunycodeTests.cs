using Spillway.Mercure.Urls;

namespace Spillway.Tests.Mercure.Urls;

/// <summary>The samples are those of RFC 3492, section 7.1, whose letters are small.</summary>
public sealed class PunycodeTests
{
    [Theory]
    [InlineData("\u0644\u064A\u0647\u0645\u0627\u0628\u062A\u0643\u0644\u0645\u0648\u0634\u0639\u0631\u0628\u064A\u061F", "egbpdaj6bu4bxfgehfvwxn")]
    [InlineData("\u4ED6\u4EEC\u4E3A\u4EC0\u4E48\u4E0D\u8BF4\u4E2D\u6587", "ihqwcrb4cv8a8dqg056pqjye")]
    [InlineData("\u043F\u043E\u0447\u0435\u043C\u0443\u0436\u0435\u043E\u043D\u0438\u043D\u0435\u0433\u043E\u0432\u043E\u0440\u044F\u0442\u043F\u043E\u0440\u0443\u0441\u0441\u043A\u0438", "b1abfaaepdrnnbgefbadotcwatmq2g4l")]
    [InlineData("3\u5E74b\u7D44\u91D1\u516B\u5148\u751F", "3b-ww4c5e180e575a65lsy2b")]
    [InlineData("\u305D\u306E\u30B9\u30D4\u30FC\u30C9\u3067", "d9juau41awczczp")]
    public void Encode_SampleOfTheRfc_IsWhatItSays(string text, string expected)
    {
        Assert.Equal(expected, Punycode.Encode([.. text.EnumerateRunes()]));
        Assert.Equal(text, Punycode.Decode(expected));
    }

    [Fact]
    public void Decode_Noise_IsNothingOrEncodedBack()
    {
        var random = new Random(1);
        var decoded = 0;

        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => "abcz019-"[random.Next(8)]));
            if (Punycode.Decode(text) is { } letters && letters.EnumerateRunes().Any(static rune => !rune.IsAscii))
            {
                decoded++;
                Assert.Equal(letters, Punycode.Decode(Punycode.Encode([.. letters.EnumerateRunes()])));
            }
        }

        Assert.True(decoded > 1_000, $"Only {decoded} were anything.");
    }
}
