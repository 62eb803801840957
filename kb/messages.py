"""Why something could not be done, in Chinese, for the people of an office: messages of errors are English."""

from __future__ import annotations

import re

# Reasons are given in English by the modules that know them; those not listed are shown as they are.
_REASONS: tuple[tuple[str, str], ...] = (
    (r"no index here; run `kb build` first", "这里没有索引，请先运行 kb build"),
    (
        r"the index was built with the model '(.+)', not '(.+)'; use that one or run `kb build`",
        r"建库用的模型是 \1，现在用的是 \2；请换回原模型，或重新运行 kb build",
    ),
    (r"built by another version of this software; run `kb build`", "由另一版本的程序建成，请重新运行 kb build"),
    (r"the generation in use, '(.*)', is missing; run `kb build`", r"所用版本 \1 不见了，请重新运行 kb build"),
    (r"cannot be read(.*); run `kb build`", r"读不出来\1，请重新运行 kb build"),
    (r"cannot be read", r"读不出来"),
    (r"not UTF-8", "编码不是 UTF-8"),
    (r"not JSON \((.+), character (\d+)\)", r"不是 JSON（第 \2 个字符起）"),
    (r'no \{"concept": "…", "spoken": \["…"\]\}', '缺少 {"concept": "…", "spoken": ["…"]}'),
    (r"unknown field '(.+)'", r"没有名为 \1 的字段"),
    (r"(official|spoken|related) is not a list of words", r"\1 应为词语列表"),
    (r"concept and spoken must not be empty", "concept 和 spoken 不能为空"),
    (r"another build is running", "另一个建库任务正在运行，请稍后再试"),
    (r"not a format that can be read \((.+)\)", r"不支持这种格式（可读 \1）"),
    (r"another file, (.+), has the same name and is in already", r"与已收入的 \1 同名"),
    (r"no earlier generation '(.*)' \(there: (.+)\)", r"没有较早的版本 \1（现有：\2）"),
    (r"holds no file that can be read", "里面没有可读的文件"),
    (r"has ([\d,]+) bytes; ([\d,]+) are read at most", r"有 \1 字节，最多读 \2 字节"),
    (r"(?:line (\d+): )?not YAML \((.+)\)", r"不是正确的 YAML（\2）"),
    (r"no such field: (.+) \((.+) are\)", r"没有 \1 这一项（可用：\2）"),
    (r"(\w+): a date such as (.+) expected, not (.+)", r"\1 应为日期，如 \2，而不是 \3"),
    (r"reading it takes the program down", "读它时程序崩溃"),
    (r"is a folder", "是文件夹，不是文件"),
    (r"no such folder", "文件夹不存在"),
    (r"no such file", "文件不存在"),
    (r"no permission to read it", "没有读取权限"),
    (r"the file is empty", "文件是空的"),
    (r"not text but a PDF file", "不是文本，而是 PDF 文件"),
    (r"not text but a zip archive or an Office file", "不是文本，而是压缩包或 Office 文件"),
    (r"not text but an old Office file", "不是文本，而是旧版 Office 文件"),
    (r"not text but an RTF file", "不是文本，而是 RTF 文件"),
    (r"not text but an image", "不是文本，而是图片"),
    (r"not text but a compressed file", "不是文本，而是压缩包"),
    (r"not text but binary data", "不是文本，而是二进制数据"),
    (r"not text, or in an unknown encoding", "不是文本，或编码无法识别"),
    (r"the page holds no text of its own", "网页里没有正文"),
    (r"no web page in it", "文件里没有网页"),
    (r"not an? (\w+) file, or a broken one", r"不是 \1 文件，或文件已损坏"),
    (r"not an Excel workbook, or a broken one", "不是 Excel 工作簿，或文件已损坏"),
    (r"not a Word document: it has no word/document.xml", "不是 Word 文档"),
    (r"not an OFD file: it has no OFD.xml", "不是 OFD 文件"),
    (r"unpacks to more than a document can hold", "解压后大得不像公文，未予读取"),
    (
        r"its pages are pictures; reading them needs text recognition, which is not installed \((.+)\)",
        r"页面是图片，要装上文字识别（OCR）才能读：\1",
    ),
    (
        r"no text in it; if its pages are pictures, save them as a PDF file, which can go through text recognition",
        "里面没有文字；如果页面是图片，请另存为 PDF，可以做文字识别",
    ),
    (r"no such setting: (.+) \((.+) are\)", r"没有 \1 这项设置（可用：\2）"),
    (r"not TOML: (.+)", r"不是正确的 TOML（\1）"),
    (r"(\w+): (.+) expected, not (.+)", r"\1 的值不对：\3（应为 \2）"),
    (r"has more than ([\d,]+) tags inside each other", r"标签嵌套超过 \1 层"),
    (r"has a tag with more than ([\d,]+) attributes", r"一个标签的属性超过 \1 个"),
    (r"has more than ([\d,]+) parts", r"超过 \1 个部分"),
    (r"no text was recognised in it", "图片里没有识别出文字"),
    (r"not an image, or a broken one", "不是图片，或文件已损坏"),
    (r"has more than ([\d,]+) pages", r"超过 \1 页"),
    (r"has more than ([\d,]+) pixels", r"超过 \1 像素"),
    (r"has more than ([\d,]+) characters", r"超过 \1 字"),
    (r"has ([\d,]+) characters; ([\d,]+) are read at most", r"有 \1 字，最多读 \2 字"),
    (r"reading it takes too long", "读它用的时间太长，已放弃"),
    (r"reading it takes more than ([\d,]+) bytes of memory", r"读它用的内存超过 \1 字节，已放弃"),
    (r"an archive inside an archive; unpack it", "压缩包里套着压缩包，请先解压"),
    (r"the name (.+) leads out of it", r"压缩包里的文件名 \1 指向包外"),
    (r"holds more than ([\d,]+) files", r"里面的文件超过 \1 个"),
    (r"is a link that leads out of the folder", "是指向文件夹外面的链接"),
    (r"is a link to a folder, which is not followed", "是指向文件夹的链接，不予读取"),
    (r"is no file but a pipe or a device", "不是普通文件，而是管道或设备"),
    (r"its name is no text in UTF-8", "文件名不是 UTF-8 文本"),
    (r"its name holds a line break or another control character", "文件名里有换行或其他控制字符"),
    (r"(\w+): one value expected", r"\1 应只有一个值"),
    (r"no text in it", "里面没有文字"),
    (r"reading (.+) files needs LibreOffice, which is not installed", r"读取 \1 文件需要 LibreOffice，本机没有安装"),
    (r"LibreOffice cannot read it", "LibreOffice 读不了它"),
    (r"encrypted", "文件已加密"),
    (r"page (\d+) cannot be read", r"第 \1 页读不出来"),
    (r"has more than ([\d,]+) cells", r"超过 \1 个单元格"),
    (r"cannot listen here \(Address already in use\)", "端口已被占用，请用 --port 换一个"),
    (r"cannot listen here \((.+)\)", r"不能在这里监听（\1）"),
    (
        r"since: no older version of '(.+)' is held; name a document to compare with",
        r"没有“\1”更早的版本，请指明与哪个文件比较",
    ),
    (r"query: says nothing", "查询内容为空"),
    (r"query: has (\d+) characters; (\d+) are allowed", r"查询有 \1 个字，最多 \2 个字"),
    (r"must be 1 to (\d+), not (.+)", r"应在 1 到 \1 之间，而不是 \2"),
    (r"must be a date such as (.+) or (.+), not (.+)", r"应为日期，如 \1 或 \2，而不是 \3"),
    (r"must end with (.+) or (.+)", r"应以 \1 或 \2 结尾"),
    (r"each line must be (.+)", r"每行应为 \1"),
    (r"not text in UTF-8", r"不是 UTF-8 编码的文本"),
    (r"must be one of (.+), not (.+)", r"应为 \1 之一，而不是 \2"),
    (r"must not be negative or beyond reason: (.+)", r"不能是负数或过大：\1"),
    (r"two clauses have the same id, or a fact has no clause", "程序出错：条款编号重复，或事实没有所属条款"),
    (r"the embedded model takes no query prefix", "自带的模型不用查询前缀"),
    (r"cannot be written", "无法写入"),
)


def in_chinese(reason: str) -> str:
    """The reason in Chinese; as it is when it is not known.

    "the file is empty" → "文件是空的"
    """
    for pattern, chinese in _REASONS:
        said, found = re.subn(pattern, chinese, reason, count=1)
        if found:
            return said
    return reason
