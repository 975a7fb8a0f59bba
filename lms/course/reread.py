"""Which lessons to read again after a question was missed."""

from lms.course.document import CourseDoc, Lesson
from lms.course.questions import Question


def lessons_for(doc: CourseDoc, question: Question) -> tuple[Lesson, ...]:
    """The lessons of the outline whose id is a tag of the question, or that share a tag with it, in the outline's order."""
    tags = set(question.tags)
    lessons = (doc.lesson(entry.item or "") for entry in doc.items)
    return tuple(lesson for lesson in lessons if lesson and (lesson.id in tags or tags.intersection(lesson.tags)))
