from django.urls import path

from guidance.views import assessment, documents, options, pathways, steps, timeline

ONE = "pathways/<pseudonym:pseudonym>/"
TEXT, PLAIN, PRINT = {"shape": "text"}, {"shape": "plain"}, {"shape": "print"}

urlpatterns = [
    path(ONE, pathways.pathway_detail, name="pathway_detail"),
    path(f"{ONE}edit/", pathways.pathway_edit, name="pathway_edit"),
    path(f"{ONE}move/", pathways.pathway_move, name="pathway_move"),
    path(f"{ONE}end/", pathways.pathway_end, name="pathway_end"),
    path(f"{ONE}reopen/", pathways.pathway_reopen, name="pathway_reopen"),
    path(f"{ONE}people/process/", pathways.pathway_responsible, {"duty": "process"}, name="pathway_process_person"),
    path(f"{ONE}people/study-counsellor/", pathways.pathway_responsible, {"duty": "study-counsellor"}, name="pathway_study_counsellor"),
    path(f"{ONE}people/own-part/", pathways.pathway_responsible, {"duty": "own-part"}, name="pathway_own_part"),
    path(f"{ONE}participants/<row:organisation>/end/", pathways.participation_end, name="participation_end"),
    path(f"{ONE}timeline/", timeline.pathway_timeline, name="pathway_timeline"),
    path(f"{ONE}log/", timeline.pathway_log, name="pathway_log"),
    path(f"{ONE}check-in/", timeline.check_in_add, name="check_in_add"),
    path(f"{ONE}files/add/", timeline.attachment_add, name="attachment_add"),
    path(f"{ONE}files/<row:pk>/", timeline.attachment_file, name="attachment_file"),
    path(f"{ONE}files/<row:pk>/remove/", timeline.attachment_remove, name="attachment_remove"),
    path(f"{ONE}steps/add/", steps.step_add, name="step_add"),
    path(f"{ONE}steps/<row:pk>/change/", steps.step_change, name="step_change"),
    path(f"{ONE}steps/<row:pk>/finish/", steps.step_finish, name="step_finish"),
    path(f"{ONE}steps/<row:pk>/calendar/", steps.step_calendar, name="step_calendar"),
    path(f"{ONE}steps/<row:pk>/text/", documents.step_document_page, TEXT, name="step_text"),
    path(f"{ONE}steps/<row:pk>/print/", documents.step_document_page, PRINT, name="step_print"),
    path(f"{ONE}handoffs/<row:pk>/text/", documents.handoff_document_page, TEXT, name="handoff_text"),
    path(f"{ONE}handoffs/<row:pk>/print/", documents.handoff_document_page, PRINT, name="handoff_print"),
    path(f"{ONE}assessment/add/", assessment.assessment_add, name="assessment_add"),
    path(f"{ONE}assessment/<row:pk>/change/", assessment.assessment_change, name="assessment_change"),
    path(f"{ONE}options/", options.option_compare, name="option_compare"),
    path(f"{ONE}options/add/", options.option_add, name="option_add"),
    path(f"{ONE}options/<row:pk>/change/", options.option_change, name="option_change"),
    path(f"{ONE}options/<row:pk>/move/", options.option_move, name="option_move"),
    path(f"{ONE}workplace/add/", options.workplace_add, name="workplace_add"),
    path(f"{ONE}workplace/<row:pk>/end/", options.workplace_end, name="workplace_end"),
    path(f"{ONE}work/add/", options.work_add, name="work_add"),
    path(f"{ONE}work/<row:pk>/end/", options.work_end, name="work_end"),
    path(f"{ONE}text/", documents.pathway_document_page, TEXT, name="pathway_text"),
    path(f"{ONE}text.txt", documents.pathway_document_page, PLAIN, name="pathway_plain_text"),
    path(f"{ONE}print/", documents.pathway_document_page, PRINT, name="pathway_print"),
    path(f"{ONE}export/", documents.pathway_export, name="pathway_export"),
    path(f"{ONE}export/print/", documents.pathway_export_print, name="pathway_export_print"),
]
