using System.Net;
using System.Text;
using System.Text.Unicode;
using Spillway.Mercure;

namespace Spillway.Tests.Mercure;

public sealed class FormFieldsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a=1&b=2", "a=1|b=2")]
    [InlineData("a", "a=")]
    [InlineData("=1", "=1")]
    [InlineData("&&a=1&&", "a=1")]
    [InlineData("a=1=2", "a=1=2")]
    [InlineData("a+b=c+d%2B", "a b=c d+")]
    [InlineData("a=%", "a=%")]
    [InlineData("a=%4", "a=%4")]
    [InlineData("a=%zz%41", "a=%zzA")]
    [InlineData("%61=%c3%A4", "a=ä")]
    [InlineData("a=1;b=2", "a=1;b=2")]
    public void Read_AForm_HasTheFieldsOfTheStandard(string form, string expected)
    {
        var read = new List<string>();
        for (var fields = new FormFields(Encoding.UTF8.GetBytes(form)); fields.Read();)
        {
            read.Add($"{fields.Name}={fields.Text}");
        }

        Assert.Equal(expected, string.Join('|', read));
    }

    [Fact]
    public void Read_NotUtf8_IsNoText()
    {
        var fields = new FormFields("%FF=%FE"u8);

        Assert.True(fields.Read());
        Assert.Null(fields.Name);
        Assert.Null(fields.Text);
        Assert.Equal([0xFE], fields.Value);
    }

    [Fact]
    public void Read_AnyBytes_AreWhatDotNetDecodes()
    {
        var random = new Random(2);
        var likely = "%%%%&&==++;;4fF1aZ\0\r\n"u8.ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var form = new byte[random.Next(40)];
            random.NextBytes(form);
            for (var at = 0; at < form.Length; at++)
            {
                form[at] = random.Next(4) > 0 ? likely[random.Next(likely.Length)] : form[at];
            }

            var read = new List<string>();
            for (var fields = new FormFields(form); fields.Read();)
            {
                read.Add($"{(fields.Name is null ? "not text" : Convert.ToHexString(Encoding.UTF8.GetBytes(fields.Name)))}={Convert.ToHexString(fields.Value)}");
            }

            Assert.Equal(Split(form), read);
        }
    }

    [Fact]
    public void Read_WhatDotNetEscapes_ComesBackAsItWas()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var pairs = Enumerable.Range(0, random.Next(1, 5)).Select(_ => (Text(random), Text(random))).ToArray();
            var form = string.Join('&', pairs.Select(static pair => $"{Uri.EscapeDataString(pair.Item1)}={Uri.EscapeDataString(pair.Item2).Replace("%20", "+", StringComparison.Ordinal)}"));

            var read = new List<(string, string)>();
            for (var fields = new FormFields(Encoding.UTF8.GetBytes(form)); fields.Read();)
            {
                read.Add((fields.Name!, fields.Text!));
            }

            Assert.Equal(pairs, read);
        }
    }

    // By the standard's words, with .NET's decoder, which knows the same escapes.
    private static IEnumerable<string> Split(byte[] form)
    {
        foreach (var pair in Encoding.Latin1.GetString(form).Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = at < 0 ? (Decode(pair), []) : (Decode(pair[..at]), Decode(pair[(at + 1)..]));
            yield return $"{(Utf8.IsValid(name) ? Convert.ToHexString(name) : "not text")}={Convert.ToHexString(value)}";
        }
    }

    private static byte[] Decode(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        return WebUtility.UrlDecodeToBytes(bytes, 0, bytes.Length);
    }

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, 1 + random.Next(6)).Select(_ => new Rune[] { new('a'), new('&'), new('='), new('+'), new(' '), new('%'), new('ä'), new(0x1F30A), new('\n') }[random.Next(9)]));
}
