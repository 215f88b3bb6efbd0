using Microsoft.AspNetCore.Http;
using Spillway.Ingress;

namespace Spillway.Tests.Ingress;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("abc-1", "abc-1")]
    [InlineData("\"abc-1\"", "abc-1")]
    [InlineData("\"a\\\"b\\\\c\"", "a\"b\\c")]
    [InlineData("a\"b", "a\"b")]
    public void TryRead_KeyWithOrWithoutQuotes_IsTheKey(string? header, string? key)
    {
        Assert.True(IdempotencyKey.TryRead(Headers(header), out var read, out _));
        Assert.Equal(key, read);
    }

    [Theory]
    [InlineData("\"abc")]
    [InlineData("\"ab\"c\"")]
    [InlineData("\"ab\\c\"")]
    [InlineData("\"ab\\\"")]
    [InlineData("\"\"")]
    [InlineData("a b")]
    [InlineData("é")]
    public void TryRead_BadKey_IsRefused(string header)
    {
        Assert.False(IdempotencyKey.TryRead(Headers(header), out _, out var problem));
        Assert.Equal((400, "invalid-event", "Idempotency-Key"), (problem.Status, problem.Name, problem.Field));
    }

    [Fact]
    public void TryRead_TooLongOrTwice_IsRefused()
    {
        Assert.True(IdempotencyKey.TryRead(Headers(new string('x', 128)), out _, out _));
        Assert.False(IdempotencyKey.TryRead(Headers(new string('x', 129)), out _, out _));
        Assert.False(IdempotencyKey.TryRead(new HeaderDictionary { ["Idempotency-Key"] = new(["a", "b"]) }, out _, out _));
    }

    [Fact]
    public void At_AnIndex_IsKeySlashIndex()
    {
        Assert.Equal(("k/7", null), (IdempotencyKey.At("k", 7), IdempotencyKey.At(null, 7)));
    }

    private static HeaderDictionary Headers(string? value) => value is null ? [] : new HeaderDictionary { ["Idempotency-Key"] = value };
}
